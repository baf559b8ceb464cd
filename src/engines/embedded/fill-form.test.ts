import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChoicePart, FixedPart, Form, FormPart, FreePart, RepeatPart } from "../../core/form.ts";
import { seededRandom } from "../../core/random.ts";
import { fillForm } from "./fill-form.ts";
import { formTokenBound } from "./form-token-bound.ts";
import type { Step } from "./step.ts";
import { matchesForm } from "./testing/matches-form.ts";
import { runProgram } from "./testing/run-program.ts";
import {
  byteTokens,
  endToken,
  hashModel,
  scriptedModel,
  specialToken,
  type ToyModel,
  toyTokenizer,
  vocabularySize,
} from "./testing/toy-model.ts";

const prompt = toyTokenizer.tokenize("the prompt");
const certain = { temperature: 0, random: () => 0 };
const fill = (parts: FormPart[], model: ToyModel, maxTokens?: number) =>
  runProgram(fillForm(prompt, { parts }, toyTokenizer, { ...certain, maxTokens }), model, prompt);
const say = (text: string) => scriptedModel(prompt.length, toyTokenizer.tokenize(text));
const fixed = (text: string): FixedPart => ({ kind: "fixed", text });
const free = (name: string, maxTokens: number, stop: string[] = ["\n"]): FreePart => ({
  kind: "free",
  name,
  maxTokens,
  stop,
});
const choice = (name: string, options: string[]): ChoicePart => ({ kind: "choice", name, options });

const fixedPart = fc.constantFrom("a", ": ", "\n", "é{", "}.", "10", "x. the").map(fixed);
const choicePart = fc
  .constantFrom<string[][]>(["1", "1.5", "10"], ["a", "ab", "abc"], ["yes", "no"], ["é", "ê"], ["0", "1", "2", "3"])
  .map((options) => choice("score", options));
const freePart = fc
  .record({
    maxTokens: fc.integer({ min: 1, max: 6 }),
    stop: fc.subarray(["\n", "a", "10", ". ", "é", "the"]),
    distinct: fc.boolean(),
  })
  .map((options): FreePart => ({ kind: "free", name: "note", ...options }));
const simpleParts = (maxLength: number) =>
  fc.array(fc.oneof(fixedPart, choicePart, freePart), { minLength: 1, maxLength });
const repeatPart = fc
  .record({
    min: fc.integer({ min: 1, max: 3 }),
    more: fc.integer({ min: 0, max: 2 }),
    open: fc.constantFrom("{i}. ", "\n{i}: ", "- ", "[{i}]"),
    close: fc.constantFrom("\n", "end", "\n\n", "]"),
    parts: simpleParts(3),
  })
  .map(({ min, more, ...rest }): RepeatPart => ({ kind: "repeat", name: "list", min, max: min + more, ...rest }));
const formParts = fc
  .array(
    fc.oneof({ weight: 4, arbitrary: fc.oneof(fixedPart, choicePart, freePart) }, { weight: 1, arbitrary: repeatPart }),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  // Names are unique within a form.
  .map((parts) =>
    parts.map((part, index) => (part.kind === "fixed" ? part : { ...part, name: `${part.name}${index}` })),
  );

/** What the sequence holds after every step. */
function replay(steps: Step[]): number[][] {
  let tokens: number[] = [];
  return steps.map(({ erase = 0, feed }) => {
    tokens = [...tokens.slice(0, tokens.length - erase), ...feed];
    return tokens;
  });
}

const written = (tokens: number[]) => toyTokenizer.detokenize(tokens.slice(prompt.length));

test("any form is filled in its shape, and the sequence holds the text", () => {
  fc.assert(
    fc.property(formParts, fc.integer({ min: 0, max: 1e6 }), fc.constantFrom(0, 1), (parts, seed, temperature) => {
      const form: Form = { parts };
      // Ends, special tokens and split characters all come up often.
      const model = hashModel(seed, { end: 1, bytes: -1 });
      const sampling = { temperature, random: seededRandom(seed) };
      const program = fillForm(prompt, form, toyTokenizer, sampling);
      const { value, tokens, steps } = runProgram(program, model, prompt, { temperature, topP: 1, seed });
      expect(matchesForm(form, value.text, value.choices)).toBe(true);
      expect(value.text.startsWith(written(tokens))).toBe(true);
      const readAt = replay(steps)
        .filter((_, index) => steps[index]!.want.kind === "logits")
        .map(written);
      for (const made of value.choices) {
        expect(made.probabilities.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
        expect(made.probabilities.every((share) => share >= 0)).toBe(true);
        expect(made.mass).toBeGreaterThan(0);
        expect(made.mass).toBeLessThanOrEqual(1);
        if (temperature === 0)
          expect(made.chosen).toBe(made.options[made.probabilities.indexOf(Math.max(...made.probabilities))]);
        // The model read exactly the text before the choice when it was asked.
        expect(readAt).toContain(value.text.slice(0, made.offset));
      }
      const longest = Math.max(...replay(steps).map((held) => held.length)) - prompt.length;
      expect(longest).toBeLessThanOrEqual(formTokenBound(form, 1e9, toyTokenizer));
    }),
    { numRuns: 150 },
  );
});

test("the answer of a typical form, token by token", () => {
  const parts = [fixed("note:"), free("note", 9), fixed("\n["), choice("score", ["1", "10"]), fixed("]")];
  const { value } = fill(parts, say("note:abc x.\n[10]"));
  expect(value.text).toBe("note:abc x.\n[10]");
  expect(value.choices).toMatchObject([{ name: "score", chosen: "10", offset: 13 }]);
  // "note:", "\n[" and "]" are 8 tokens; "abc", " ", "x.", the stop "\n" and "10" were sampled or chosen.
  expect(value).toMatchObject({ fixedTokens: 8, outputTokens: 5 });
});

test.each([
  ["an end of generation", endToken],
  ["a special token", specialToken],
])("%s inside a free text ends only that text", (_, token) => {
  const script = [...toyTokenizer.tokenize("abc"), token];
  const { value, tokens } = fill(
    [free("note", 9), fixed("\n"), choice("score", ["1", "2"])],
    scriptedModel(prompt.length, script),
  );
  expect(value.text).toMatch(/^abc\n[12]$/);
  expect(tokens).not.toContain(token);
});

test("a free text that the model would skip begins with the next most probable text", () => {
  const logits = new Float64Array(vocabularySize);
  logits[endToken] = 9;
  logits[toyTokenizer.tokenize("\n")[0]!] = 8;
  logits[toyTokenizer.tokenize(" ")[0]!] = 7;
  logits[toyTokenizer.tokenize("abc")[0]!] = 6;
  expect(fill([free("note", 5), fixed(".")], () => logits).value.text).toBe("abc.");
});

test("a character cut by the limit is left out, and a dash stands where nothing else is", () => {
  const bytes = byteTokens("😀");
  const first = fill([fixed("a"), free("note", 2), fixed(".")], scriptedModel(prompt.length + 1, bytes));
  expect(first.value.text).toBe("a-.");
  const later = fill(
    [free("note", 3), fixed("."), choice("score", ["1"])],
    scriptedModel(prompt.length, [...toyTokenizer.tokenize("a"), ...bytes]),
  );
  expect(later.value.text).toBe("a.1");
  expect(written(later.tokens)).toBe("a.");
});

test("a stop text in the middle of a token keeps what is before it", () => {
  const { value, tokens } = fill([free("note", 9, ["c"]), fixed("."), choice("score", ["1"])], say("abcabc"));
  expect(value.text).toBe("ab.1");
  expect(written(tokens)).toBe("ab.");
});

test("distinct items begin differently, other parts may not", () => {
  const logits = new Float64Array(vocabularySize);
  for (const [rank, text] of ["a", "b", "c"].entries()) logits[toyTokenizer.tokenize(text)[0]!] = 9 - rank;
  const list = (distinct: boolean): RepeatPart => ({
    kind: "repeat",
    name: "list",
    min: 3,
    max: 3,
    open: "\n{i}:",
    parts: [{ ...free("term", 1), distinct }, fixed("-"), { ...free("note", 1), distinct }],
    close: ".",
  });
  expect(fill([list(true)], () => logits).value.text).toBe("\n1:a-a\n2:b-b\n3:c-c.");
  expect(fill([list(false)], () => logits).value.text).toBe("\n1:a-a\n2:a-a\n3:a-a.");
});

test("the model decides how many items there are between the limits", () => {
  const list: RepeatPart = {
    kind: "repeat",
    name: "list",
    min: 2,
    max: 4,
    open: "{i}.",
    parts: [free("term", 1)],
    close: "end",
  };
  const three = fill([list], say("1.a2.b3.cend"));
  expect(three.value.text).toBe("1.a2.b3.cend");
  expect(three.value.choices.map(({ name, chosen }) => [name, chosen])).toEqual([
    ["list-more", "3."],
    ["list-more", "end"],
  ]);
  expect(fill([list], say("1.aend")).value.text).toMatch(/^1\.a2\../);
  expect(fill([list], say("1.a2.b3.c4.x5.y")).value.text).toBe("1.a2.b3.c4.xend");
});

test.each([
  ["an item that another one follows", 2, 2],
  ["an item that may be the last", 1, 2],
  ["the last item", 1, 1],
])("the choice at the end of %s is closed by what follows it", (_, min, max) => {
  // Most of the probability is spread over everything else. Between "," and the line break alone, "," wins.
  const logits = new Float64Array(vocabularySize);
  logits[toyTokenizer.tokenize(",")[0]!] = 5;
  logits[toyTokenizer.tokenize("\n")[0]!] = 4;
  const parts = [choice("score", ["a", "a,b"])];
  const list: RepeatPart = { kind: "repeat", name: "list", min, max, open: "\n{i}:", parts, close: "\nend" };
  const scores = fill([list], () => logits).value.choices.filter(({ name }) => name.endsWith("score"));
  expect(scores.length).toBeGreaterThanOrEqual(min);
  for (const { chosen } of scores) expect(chosen).toBe("a,b");
});

test("the request's limit holds for the free text of the whole form", () => {
  const parts = [free("a", 6), fixed("\n"), free("b", 6), fixed("\n"), free("c", 6)];
  const forever = () =>
    Float64Array.from({ length: vocabularySize }, (_, token) => (token === toyTokenizer.tokenize("x")[0] ? 9 : 0));
  expect(fill(parts, forever).value.text).toBe("xxxxxx\nxxxxxx\nxxxxxx");
  expect(fill(parts, forever, 8).value.text).toBe("xxxxxx\nxx\nx");
});
