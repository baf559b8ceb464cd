import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom } from "../../core/random.ts";
import { choose } from "./choose.ts";
import { runProgram } from "./testing/run-program.ts";
import { hashModel, logProbabilities, type ToyModel, toyTokenizer, vocabularySize } from "./testing/toy-model.ts";

const prompt = toyTokenizer.tokenize("the x.");
const pending = { erase: 0, feed: prompt };
const close = toyTokenizer.tokenize("}")[0]!;
const certain = { temperature: 0, random: () => 0 };
const run = (options: string[], end: number | undefined, model: ToyModel, sampling = certain) =>
  runProgram(choose(options, pending, end, toyTokenizer, sampling), model, prompt);

/** Probability of an option's tokens (and the closing one), where at each place only tokens of some option may follow. */
function bruteForce(options: string[], end: number, model: ToyModel): number[] {
  const paths = options.map((option) => [...toyTokenizer.tokenize(option), end]);
  return paths.map((path) =>
    path.reduce((probability, token, depth) => {
      const logprobs = logProbabilities(model([...prompt, ...path.slice(0, depth)]));
      const rivals = paths.filter((other) => path.slice(0, depth).every((id, index) => other[index] === id));
      const tokens = new Set(rivals.map((rival) => rival[depth]!));
      const total = [...tokens].reduce((sum, rival) => sum + Math.exp(logprobs[rival]!), 0);
      return (probability * Math.exp(logprobs[token]!)) / total;
    }, 1),
  );
}

const optionLists = [
  ["1", "1.5", "10"],
  ["a", "ab", "abc", "abcd"],
  ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"],
  ["yes", "no", "é", "ê", "😀"],
  ["the one"],
];

test("probabilities are those of all paths through the options", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), fc.constantFrom(...optionLists), (seed, options) => {
      const model = hashModel(seed, { spread: 2 });
      const { value, tokens } = run(options, close, model);
      const expected = bruteForce(options, close, model);
      expect(value.probabilities.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
      // What is left out are branches below 1 %.
      for (const [index, share] of value.probabilities.entries())
        expect(Math.abs(share - expected[index]!)).toBeLessThan(0.03);
      expect(value.index).toBe(value.probabilities.indexOf(Math.max(...value.probabilities)));
      expect(value.tokens).toEqual(toyTokenizer.tokenize(options[value.index]!));
      expect(tokens).toEqual(prompt);
    }),
    { numRuns: 80 },
  );
});

test("without negligible branches they are exact", () => {
  const model = hashModel(7, { spread: 1 });
  const options = ["1", "1.5", "10", "ab", "abc"];
  const { value } = run(options, close, model);
  const expected = bruteForce(options, close, model);
  for (const [index, share] of value.probabilities.entries()) expect(share).toBeCloseTo(expected[index]!, 9);
});

test("many options with one token each are all counted, however small their shares", () => {
  const options = [
    ..."abcdexyz0123456789",
    ...Array.from({ length: 120 }, (_, code) => String.fromCharCode(0x4e00 + code)),
  ];
  const { value } = run(options, close, () => new Float64Array(vocabularySize));
  for (const letter of options.slice(0, 18).keys()) expect(value.probabilities[letter]).toBeGreaterThan(0);
  expect(value.probabilities.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
});

test("many options that are all improbable and all have to be read further still get their shares", () => {
  const letters = Array.from({ length: 120 }, (_, code) => String.fromCharCode(0x4e00 + code));
  const options = letters.flatMap((letter) => [`${letter}1`, `${letter}2`]);
  const characters = { ...toyTokenizer, tokenize: (text: string) => [...text].map((letter) => letter.charCodeAt(0)) };
  const flat = () => new Float64Array(0x5000);
  const { value } = runProgram(choose(options, pending, close, characters, certain), flat, prompt);
  for (const share of value.probabilities) expect(share).toBeCloseTo(1 / 240, 9);
});

test("mass is what the options' beginnings have of the whole vocabulary", () => {
  const model = hashModel(3);
  const logprobs = logProbabilities(model(prompt));
  const expected = ["a", "1"].reduce((sum, text) => sum + Math.exp(logprobs[toyTokenizer.tokenize(text)[0]!]!), 0);
  expect(run(["a", "1"], close, model).value.mass).toBeCloseTo(expected, 12);
});

test("without a closing token an option that begins another gets what does not continue it", () => {
  const model = hashModel(5, { spread: 1 });
  const { value } = run(["1", "12"], undefined, model);
  const one = toyTokenizer.tokenize("1")[0]!;
  const two = toyTokenizer.tokenize("2")[0]!;
  const continued = Math.exp(logProbabilities(model([...prompt, one]))[two]!);
  expect(value.probabilities[1]).toBeCloseTo(continued, 9);
  expect(value.probabilities[0]).toBeCloseTo(1 - continued, 9);
});

test("a temperature draws from p^(1/temperature)", () => {
  const model = hashModel(11, { spread: 3 });
  const options = ["a", "ab", "1", "10"];
  const { probabilities } = run(options, close, model).value;
  for (const temperature of [0.5, 1, 2]) {
    const random = seededRandom(1);
    const weights = probabilities.map((share) => share ** (1 / temperature));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const draws = 1500;
    const counts = options.map(() => 0);
    for (let draw = 0; draw < draws; draw++) counts[run(options, close, model, { temperature, random }).value.index]!++;
    // Four standard deviations.
    for (const [index, weight] of weights.entries()) {
      const share = weight / total;
      expect(Math.abs(counts[index]! / draws - share)).toBeLessThan(
        4 * Math.sqrt((share * (1 - share)) / draws) + 1e-9,
      );
    }
  }
});

test("a very small temperature picks the most probable option", () => {
  const model = hashModel(11, { spread: 3 });
  const options = ["a", "ab", "1", "10"];
  const best = run(options, close, model).value.index;
  expect(run(options, close, model, { temperature: 0.001, random: () => 0.999 }).value.index).toBe(best);
});

test("a single option is certain and costs one read", () => {
  const { value, steps } = run(["abc"], close, hashModel(1));
  expect(value.probabilities).toEqual([1]);
  expect(steps).toHaveLength(1);
});
