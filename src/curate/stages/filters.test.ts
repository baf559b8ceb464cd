import { describe, expect, test } from "vitest";
import { curatePairs, pairOf } from "../test-helpers.ts";

const long = (text: string) => `${text} `.repeat(20).trim();

describe("shape", () => {
  test("drops what is empty, damaged or overlong, each with its reason", async () => {
    const { kept, dropped } = await curatePairs(
      [
        pairOf("fine"),
        pairOf("empty", { chosen: " \n" }),
        pairOf("dots", { rejected: "..." }),
        pairOf("mojibake", { chosen: "caf\ufffd" }),
        pairOf("control", { rejected: "a\u0007b" }),
        pairOf("long", { chosen: "x".repeat(60) }),
        pairOf("same", { chosen: "one", rejected: "one" }),
        pairOf("tab", { chosen: "a\tb\nc" }),
        pairOf("chinese", { chosen: "是的", rejected: "不" }),
      ],
      [{ shape: { maxCharacters: 50 } }],
    );
    expect(kept).toEqual(["fine", "tab", "chinese"]);
    expect(dropped.map(({ id, reason }) => [id, reason])).toEqual([
      ["empty", "chosen response is empty"],
      ["dots", "rejected response is empty"],
      ["mojibake", "replacement character in a text"],
      ["control", "control character in a text"],
      ["long", "overlong text"],
      ["same", "the two responses are the same"],
    ]);
  });
});

describe("language", () => {
  test("drops prompts and chosen responses in other languages; keeps short ones, code and tables", async () => {
    const german =
      "Der schnelle braune Fuchs springt über den faulen Hund, und niemand weiß so recht, warum er das tut.";
    const { kept, dropped } = await curatePairs(
      [
        pairOf("english", { prompt: "How does one make a good cup of tea without a kettle at hand?" }),
        pairOf("prompt", { prompt: german }),
        pairOf("chosen", { chosen: german }),
        pairOf("rejected", { rejected: german }),
        pairOf("short", { chosen: "Ja, natürlich." }),
        pairOf("table", {
          chosen: '[{"planet": "Mercury", "moons": 0, "km": 57909175.3}, {"planet": "Venus", "moons": 0}]',
        }),
      ],
      ["language"],
    );
    expect(kept).toEqual(["english", "rejected", "short", "table"]);
    expect(dropped.map(({ id, reason, detail }) => [id, reason, detail])).toEqual([
      ["prompt", "prompt in another language", "de"],
      ["chosen", "chosen in another language", "de"],
    ]);
  });

  test("what is allowed stays", async () => {
    const german =
      "Der schnelle braune Fuchs springt über den faulen Hund, und niemand weiß so recht, warum er das tut.";
    const { kept } = await curatePairs([pairOf("german", { prompt: german })], [{ language: { allow: ["en", "de"] } }]);
    expect(kept).toEqual(["german"]);
  });
});

describe("lengths", () => {
  test.each([
    [{ maxTurns: 2 }, { messages: [message("user"), message("assistant"), message("user")] }, "too many turns"],
    [{ maxPrompt: 5 }, { prompt: long("one two") }, "prompt too long"],
    [{ minPrompt: 5 }, { prompt: "Why?" }, "prompt too short"],
    [{ minResponse: 3 }, { rejected: "No" }, "response too short"],
    [{ maxResponse: 10 }, { chosen: long("one two") }, "response too long"],
    [{ maxTotal: 20 }, { chosen: `four five six${" seven".repeat(10)}` }, "prompt and response too long"],
    [{ maxRatio: 4 }, { chosen: long("one two"), rejected: "Yes, it is" }, "responses of too different lengths"],
  ] as const)("%j", async (settings, parts, reason) => {
    const { kept, dropped } = await curatePairs(
      [pairOf("odd", parts as never), pairOf("fine", { prompt: "What is tea made of?" })],
      [{ lengths: settings }],
    );
    expect(dropped.map((row) => [row.id, row.reason])).toEqual([["odd", reason]]);
    expect(kept).toEqual(["fine"]);
  });
});

function message(role: "user" | "assistant") {
  return { role, content: "A message of a conversation." };
}

describe("similar sides", () => {
  test("drops pairs with nothing to prefer", async () => {
    const text = "The answer is that water boils at a hundred degrees at sea level, and sooner on a mountain.";
    const { kept, dropped } = await curatePairs(
      [
        pairOf("case", { chosen: text, rejected: text.toUpperCase() }),
        pairOf("word", { chosen: long(text), rejected: `${long(text)} Indeed` }),
        pairOf("other", { chosen: text, rejected: "It depends on where you are." }),
        pairOf("number", { chosen: "It is 42.", rejected: "It is 43." }),
      ],
      ["similar-sides"],
    );
    expect(kept).toEqual(["other", "number"]);
    expect(dropped.map(({ id, reason }) => [id, reason])).toEqual([
      ["case", "responses are the same when normalised"],
      ["word", "responses are nearly the same"],
    ]);
  });
});

describe("boilerplate", () => {
  test.each([
    ["I'm sorry, but I can't help with that.", "Sorry, but I cannot do that.", "refusal (both responses)"],
    ["I cannot assist with this request.", "As an AI, I am unable to say.", "refusal (both responses)"],
    ["I'm sorry, but I can't help with that.", "Sure: first you boil the water.", undefined],
    ["I’m sorry to hear that! Try turning it off.", "I am sorry for your loss.", undefined],
    ["As an AI language model, I think tea is fine.", "Tea is fine.", "speaks of itself as a model (chosen)"],
    ["Tea is fine.", "As an AI language model, I think tea is fine.", undefined],
    ["Tea is fine.\n\nHuman: And coffee?", "Tea is fine.", "marks of a chat format (chosen)"],
    ["Tea is fine.<|im_end|>", "Tea is fine.", "marks of a chat format (chosen)"],
    ["Use a[INST] as the name", "No", "marks of a chat format (chosen)"],
    [long("and so on and"), "Fine", "repeats itself (chosen)"],
    ["The user: press the button", "Fine", undefined],
  ])("%j / %j", async (chosen, rejected, reason) => {
    const { dropped } = await curatePairs([pairOf("a", { chosen, rejected })], ["boilerplate"]);
    expect(dropped[0]?.reason).toBe(reason);
  });
});

describe("strength", () => {
  test("drops weak preferences, and unknown ones where asked to", async () => {
    const pairs = [pairOf("weak", { strength: 0.2 }), pairOf("clear", { strength: 0.5 }), pairOf("unknown")];
    expect((await curatePairs(pairs, [{ strength: { min: 0.5 } }])).kept).toEqual(["clear", "unknown"]);
    expect((await curatePairs(pairs, [{ strength: { min: 0.5, unknown: "drop" } }])).kept).toEqual(["clear"]);
  });
});
