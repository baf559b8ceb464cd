import fc from "fast-check";
import { expect, test } from "vitest";
import { generatePlain } from "./generate-plain.ts";
import { runProgram } from "./testing/run-program.ts";
import { byteTokens, endToken, hashModel, scriptedModel, toyTokenizer } from "./testing/toy-model.ts";

const prompt = toyTokenizer.tokenize("the abc the");
const say = (text: string) => scriptedModel(prompt.length, toyTokenizer.tokenize(text));
const plain = (options: Partial<Parameters<typeof generatePlain>[2]> = {}) =>
  generatePlain(prompt, toyTokenizer, { maxTokens: 50, stop: [], ...options });

test("the model's end of generation ends the text and is not in it", () => {
  const { value } = runProgram(plain(), say("abc 10."), prompt);
  expect(value).toMatchObject({ text: "abc 10.", finishReason: "stop" });
  expect(value.outputTokens).toBe(toyTokenizer.tokenize("abc 10.").length);
});

test("the limit counts tokens", () => {
  const { value } = runProgram(plain({ maxTokens: 2 }), say("abcabcabc"), prompt);
  expect(value).toMatchObject({ text: "abcabc", finishReason: "length", outputTokens: 2 });
});

test.each([
  ["x.y", "ab "],
  [" x.", "ab"],
  ["b x", "a"],
  ["ab x.y", ""],
])("the stop text %j ends the text wherever its tokens begin", (stop, text) => {
  const { value } = runProgram(plain({ stop: ["zz", stop] }), say("ab x.y 10"), prompt);
  expect(value).toMatchObject({ text, finishReason: "stop" });
});

test("the first of several stop texts counts", () => {
  expect(runProgram(plain({ stop: ["c", "bc", ""] }), say("abcabc"), prompt).value.text).toBe("a");
});

test("characters of several tokens are whole, and an unfinished one is left out", () => {
  const script = [...toyTokenizer.tokenize("a"), ...byteTokens("😀"), ...byteTokens("é").slice(0, 1), endToken];
  expect(runProgram(plain(), scriptedModel(prompt.length, script), prompt).value.text).toBe("a😀");
});

test("guessing ahead gives the same text with fewer steps", () => {
  const repeated = "the abc the abc the abc x. the abc";
  const alone = runProgram(plain(), say(repeated), prompt);
  const guessed = runProgram(plain({ lookup: { pattern: 2, length: 4 } }), say(repeated), prompt);
  expect(guessed.value).toEqual(alone.value);
  expect(alone.steps.length).toBe(toyTokenizer.tokenize(repeated).length + 1);
  expect(guessed.steps.length).toBeLessThan(alone.steps.length);
});

test("guessing ahead never changes a greedy text", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e6 }),
      // A model that only looks at the last tokens repeats itself, so that guesses are sometimes right.
      fc.integer({ min: 1, max: 2 }),
      fc.record({ pattern: fc.integer({ min: 1, max: 3 }), length: fc.integer({ min: 1, max: 5 }) }),
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      (seed, memory, lookup, maxTokens, stopping) => {
        const hash = hashModel(seed, { end: -2 });
        const model = (prefix: readonly number[]) => hash(prefix.slice(-memory));
        const options = { maxTokens, stop: stopping ? ["a", "1"] : [], logprobs: 3 };
        const alone = runProgram(plain(options), model, prompt);
        const guessed = runProgram(plain({ ...options, lookup }), model, prompt);
        expect(guessed.value).toEqual(alone.value);
      },
    ),
    { numRuns: 60 },
  );
});

test("described tokens make up the text, each with its alternatives", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e6 }),
      fc.constantFrom<string[][]>([], ["a"], ["the", "10"], ["."]),
      (seed, stop) => {
        // Bytes are as likely as other tokens, so that characters are split and broken.
        const model = hashModel(seed, { bytes: -0.5, end: 1 });
        const { value } = runProgram(plain({ maxTokens: 30, stop, logprobs: 4 }), model, prompt);
        expect(value.tokens!.map(({ text }) => text).join("")).toBe(value.text);
        for (const { logprob, id, top } of value.tokens!) {
          expect(top).toHaveLength(4);
          expect(top![0]).toMatchObject({ id, logprob });
          expect(top!.reduce((sum, other) => sum + Math.exp(other.logprob), 0)).toBeLessThanOrEqual(1 + 1e-9);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("tokens are not described unless asked for", () => {
  expect(runProgram(plain(), say("a"), prompt).value.tokens).toBeUndefined();
});
