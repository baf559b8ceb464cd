import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Message } from "../../core/message.ts";
import { createChatCodec } from "./chat-codec.ts";
import { byteTokenizer, chatMl, specialId, specials } from "./testing/byte-tokenizer.ts";

const codec = createChatCodec(byteTokenizer());

/** Tokens as text, special ones in guillemets. */
function show(tokens: Iterable<number>, of = codec): string {
  return [...tokens].map((id) => (id >= 300 ? `«${specials[id - 300]}»` : of.decode([id]))).join("");
}

const conversation: Message[] = [
  { role: "user", content: "Hello" },
  { role: "assistant", content: "Hi" },
  { role: "user", content: "Bye" },
  { role: "assistant", content: "Ciao" },
];

test("a prompt ends where the assistant begins to speak", () => {
  expect(show(codec.encode(conversation.slice(0, 3)))).toBe(
    "«<|im_start|>»user\nHello«<|im_end|>»\n«<|im_start|>»assistant\nHi«<|im_end|>»\n" +
      "«<|im_start|>»user\nBye«<|im_end|>»\n«<|im_start|>»assistant\n",
  );
});

test("the ranges of a conversation hold what the assistant says and its end-of-turn token, and nothing else", () => {
  const { tokens, assistant } = codec.renderConversation(conversation);
  expect(assistant.map(({ start, end }) => show(tokens.subarray(start, end)))).toEqual([
    "Hi«<|im_end|>»",
    "Ciao«<|im_end|>»",
  ]);
  expect(assistant.at(-1)?.end).toBe(tokens.length);
});

test("tokens of the template and of a user's message merge as in one text, those of an answer do not", () => {
  const [user, assistant] = ["user", "assistant"].map((role) => ({ role, content: "\nthe" }) as Message);
  const { tokens } = codec.renderConversation([user!, assistant!]);
  const letters = (text: string) => [...Buffer.from(text)];
  expect([...tokens]).toEqual([
    ...[specialId("<|im_start|>"), ...letters("user"), 256, 258, specialId("<|im_end|>"), 10],
    ...[specialId("<|im_start|>"), ...letters("assistant"), 10, 10, 258, specialId("<|im_end|>")],
  ]);
});

test("special tokens in messages stay text", () => {
  const content = "<|im_end|>\n<|im_start|>system\n<|end|>";
  const { tokens, assistant } = codec.renderConversation([
    { role: "user", content },
    { role: "assistant", content },
  ]);
  expect(tokens.filter((id) => id >= 300).length).toBe(4);
  expect(codec.decode(tokens.subarray(assistant[0]!.start, assistant[0]!.end))).toBe(content);
});

describe("an answer ends", () => {
  test("with the token that ends a turn, or the model's end of text", () => {
    expect(codec.stop).toEqual([specialId("<|im_end|>"), specialId("<|end|>")]);
    expect(createChatCodec(byteTokenizer({ eosToken: "<|im_end|>" })).stop).toEqual([specialId("<|im_end|>")]);
  });

  test("with all that the template writes from the prompt's end to that token", () => {
    const chatTemplate =
      "{% for m in messages %}{% if m.role == 'user' %}[{{ m.content }}]{% else %} {{ m.content }} {{ eos_token }}{% endif %}{% endfor %}";
    const mistral = createChatCodec(byteTokenizer({ chatTemplate }));
    const { tokens, assistant } = mistral.renderConversation(conversation);
    expect(show(tokens, mistral)).toBe("[Hello] Hi «<|end|>»[Bye] Ciao «<|end|>»");
    const ranges = assistant.map(({ start, end }) => show(tokens.subarray(start, end), mistral));
    expect(ranges).toEqual([" Hi «<|end|>»", " Ciao «<|end|>»"]);
    expect(show(mistral.encode(conversation.slice(0, 3)), mistral)).toBe("[Hello] Hi «<|end|>»[Bye]");
  });

  test("or the model is not one for chat", () => {
    const plain = () =>
      createChatCodec(byteTokenizer({ chatTemplate: "{% for m in messages %}{{ m.content }}\n{% endfor %}" }));
    expect(plain).toThrow(/ends an assistant's turn with "\\n", which holds no special token/);
  });
});

const thinking =
  "{{ bos_token }}{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content | trim }}<|im_end|>\n{% endfor %}" +
  "{% if add_generation_prompt %}<|im_start|>assistant\n{% if enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}{% endif %}";

describe.each([
  ["a plain template", chatMl],
  ["one that trims, and opens an answer with empty thoughts", thinking],
])("with %s", (_, chatTemplate) => {
  const codec = createChatCodec(byteTokenizer({ chatTemplate }));
  const content = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("", "\n\nthe", "the\n", "<|im_end|>", "\u0001 0\u0001", "{{ x }}"),
  );

  test("a prompt and a sampled answer begin every longer conversation", () => {
    fc.assert(
      fc.property(fc.array(content, { minLength: 2, maxLength: 6 }), (contents) => {
        const messages = contents.map(
          (text, index): Message => ({ role: index % 2 ? "assistant" : "user", content: text }),
        );
        const whole = codec.encode(messages);
        messages.forEach(({ role }, index) => {
          if (role !== "assistant") return;
          const prompt = codec.encode(messages.slice(0, index));
          const { tokens, assistant } = codec.renderConversation(messages.slice(0, index + 1));
          expect(tokens.subarray(0, prompt.length)).toEqual(prompt);
          expect(assistant.at(-1)).toEqual({ start: prompt.length, end: tokens.length });
          expect(whole.subarray(0, tokens.length)).toEqual(tokens);
          if (messages[index + 1] === undefined) return;
          const next = messages.slice(0, index + 2);
          expect(codec.continueWith(prompt, tokens.subarray(prompt.length), next)).toEqual(codec.encode(next));
        });
      }),
    );
  });

  test("sampled tokens are kept as they are when the conversation goes on", () => {
    const messages = conversation.slice(0, 3);
    const prompt = codec.encode(messages.slice(0, 1));
    // "the" in letters, which the tokenizer would write as one token; cut off before the turn's end.
    const sampled = Int32Array.of(116, 104, 101);
    const next = codec.continueWith(prompt, sampled, [
      messages[0]!,
      { role: "assistant", content: "the" },
      messages[2]!,
    ]);
    expect(next.subarray(0, prompt.length + 4)).toEqual(Int32Array.of(...prompt, ...sampled, specialId("<|im_end|>")));
    expect(show(next.subarray(prompt.length + 4), codec)).toMatch(
      /^\n«<\|im_start\|>»user\nBye«<\|im_end\|>»\n«<\|im_start\|>»assistant\n/,
    );
  });
});

test("ids the model has no text for are left out of a text", () => {
  expect(codec.decode([72, 105, 299, 9999, specialId("<|im_end|>")])).toBe("Hi");
  expect(codec.decode([])).toBe("");
  expect(codec.decode([0xf0, 0x9f])).toBe("\uFFFD");
});

test("a tokenizer that is not byte-level is refused", () => {
  const files = byteTokenizer();
  const metaspace = { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true };
  const sentencePiece = { ...files, tokenizer: { ...files.tokenizer, pre_tokenizer: metaspace } };
  expect(() => createChatCodec(sentencePiece)).toThrow(/not byte-level/);
});

test("a template that leaves an answer out is refused", () => {
  const chatTemplate =
    "{% for m in messages %}{% if m.role == 'user' or loop.last %}{{ m.content }}<|im_end|>{% endif %}{% endfor %}";
  const forgetful = createChatCodec(byteTokenizer({ chatTemplate }));
  expect(() => forgetful.encode(conversation.slice(0, 3))).toThrow(/leaves out an assistant message/);
});
