import { describe, expect, test } from "vitest";
import { InputError } from "../../core/errors.ts";
import type { Message } from "../../core/message.ts";
import type { SftConversation } from "./conversation.ts";
import { exampleDatum, exampleLoss, trainedTokens } from "./example.ts";
import { tokenizeConversations } from "./tokenize-conversations.ts";

/** One token a character; a turn is its role's first letter, its text and an end sign. */
function tokenize(messages: Message[]) {
  const tokens: number[] = [];
  const assistant: { start: number; end: number }[] = [];
  for (const { role, content } of messages) {
    tokens.push(role.charCodeAt(0));
    const start = tokens.length;
    tokens.push(...[...content].map((character) => character.charCodeAt(0)), 10);
    if (role === "assistant") assistant.push({ start, end: tokens.length });
  }
  return { tokens: Int32Array.from(tokens), assistant };
}

const conversation = (train: number[], id = "a"): SftConversation => ({
  id,
  messages: [
    { role: "user", content: "xy" },
    { role: "assistant", content: "xy" },
    { role: "user", content: "z" },
    { role: "assistant", content: "xyz" },
  ],
  train,
});
const make = (conversations: SftConversation[], options: { maxTokens?: number; tooLong?: "refuse" | "drop" } = {}) =>
  tokenizeConversations(conversations, { tokenize, maxTokens: 100, tooLong: "refuse", file: "c.jsonl", ...options });
const shown = (datum: { target: Int32Array }, weights: Float32Array) =>
  [...datum.target].map((code, t) => (weights[t]! > 0 ? String.fromCharCode(code) : "-")).join("");

describe("training arrays", () => {
  test("are shifted by one, and weigh the tokens of the chosen turns, their end included, and nothing else", () => {
    const [both] = make([conversation([1, 2])]).examples;
    const datum = exampleDatum(both!, 7);
    expect(String.fromCharCode(...datum.input)).toBe("uxy\naxy\nuz\naxyz");
    expect(String.fromCharCode(...datum.target)).toBe("xy\naxy\nuz\naxyz\n");
    expect(shown(datum, datum.weights!)).toBe("----xy\n----xyz\n");
    expect(datum.weights!.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 6);
  });

  test("of one turn leave the other as context, although it has the same text", () => {
    const [second] = make([conversation([2])]).examples;
    const datum = exampleDatum(second!, 4);
    expect(shown(datum, datum.weights!)).toBe("-----------xyz\n");
    expect([...datum.weights!].filter((weight) => weight > 0)).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  test("the loss adds up the trained targets alone, also of a padded answer", () => {
    const example = { id: "a", tokens: Int32Array.of(1, 2, 3, 4), mask: Uint8Array.of(1, 0, 1, 1) };
    expect(trainedTokens(example)).toBe(2);
    expect(exampleLoss(example, Float32Array.of(-100, -2, -3))).toBe(5);
    expect(exampleLoss(example, Float32Array.of(-100, -2, -3, -100, -100))).toBe(5);
  });
});

describe("conversations that are too long", () => {
  const long = {
    ...conversation([2], "long"),
    messages: conversation([]).messages.with(0, { role: "user", content: "x".repeat(200) }),
  };

  test("are refused, all of them at once", () => {
    expect(() => make([conversation([1]), long])).toThrow(InputError);
    expect(() => make([conversation([1]), long])).toThrow(
      'c.jsonl: 1 of 2 conversations have more than 100 tokens, the longest ("long") 214',
    );
  });

  test("are left out and told where that is asked for, and none is cut", () => {
    const { examples, dropped } = make([conversation([1]), long], { tooLong: "drop" });
    expect(examples.map(({ id, tokens }) => [id, tokens.length])).toEqual([["a", 16]]);
    expect(dropped).toEqual([{ id: "long", tokens: 214 }]);
    expect(() => make([long], { tooLong: "drop" })).toThrow("no conversation has at most 100 tokens");
  });
});
