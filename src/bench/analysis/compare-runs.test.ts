import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../core/errors.ts";
import { tieRules } from "../tie-rules.ts";
import { compareRuns } from "./index.ts";
import { pairItem, pairItems, reordered, toyBenchmark } from "./test-helpers.ts";

const right: [number, number] = [9, 2];
const wrong: [number, number] = [2, 9];

test("discordant pairs by hand: B right where A is wrong 8 times, the other way once", async () => {
  const rows = Array.from({ length: 20 }, (_, row) => row);
  const a = rows.map((row) => pairItem(row, row < 8 ? wrong : right));
  const b = rows.map((row) => pairItem(row, row === 8 ? [5, 5] : right));
  const found = await compareRuns(toyBenchmark, [...a, pairItem(77, right)], b, { seed: 1 });
  expect(found.items).toEqual({ both: 20, onlyA: 1, onlyB: 0 });
  expect(found.headline).toMatchObject({ name: "accuracy", a: 12 / 20, b: 19 / 20 });
  expect(found.headline.difference!.estimate).toBeCloseTo(7 / 20, 12);
  expect(found.headline.difference!.low).toBeGreaterThan(0);
  expect(found.headline.difference!.high).toBeLessThan(0.65);
  expect(found.mcNemar).toMatchObject({ onlyFirst: 1, onlySecond: 8, bothRight: 11, bothWrong: 0 });
  // Both tests count the same sign patterns here: 20 of 512.
  expect(found.mcNemar!.exactP).toBeCloseTo(20 / 512, 12);
  expect(found.credit.test).toMatchObject({ exact: true, p: 20 / 512 });
  expect(found.disagreements.aBetter).toEqual([{ key: "data.jsonl#8", subset: "all", a: 1, b: 0 }]);
  expect(found.disagreements.bBetter.map(({ key }) => key)).toEqual(rows.slice(0, 8).map((row) => `data.jsonl#${row}`));
});

test("sign flips turn whole queries: eight rows of one query are one toss", async () => {
  const rows = Array.from({ length: 8 }, (_, row) => row);
  const queryKey = "the same";
  const run = (scores: [number, number]) => [
    ...rows.map((row) => pairItem(row, scores, { queryKey })),
    pairItem(9, right),
  ];
  const found = await compareRuns(toyBenchmark, run(wrong), run(right), { seed: 1, resamples: 50 });
  expect(found.credit.test.p).toBe(1);
  expect(found.credit).toMatchObject({ a: 1 / 9, b: 1 });
});

test("credit is the benchmark's own: half for a tie where its rule says so", async () => {
  const half = {
    score: (items: Parameters<typeof toyBenchmark.score>[0]) => {
      const result = toyBenchmark.score(items);
      return {
        ...result,
        headline: { name: "half", value: result.pairs.half, items: result.items, tieRule: tieRules.half },
        subsets: result.subsets.map((subset) => ({ ...subset, value: subset.half })),
      };
    },
  };
  const found = await compareRuns(
    half,
    [pairItem(0, [5, 5]), pairItem(1, right)],
    [pairItem(0, right), pairItem(1, right)],
    {
      seed: 1,
      resamples: 20,
    },
  );
  expect(found.credit).toMatchObject({ a: 0.75, b: 1 });
  expect(found.disagreements.bBetter).toEqual([{ key: "data.jsonl#0", subset: "all", a: 0.5, b: 1 }]);
});

test("a run compared with itself differs nowhere; exchanging the runs turns the difference; order does not matter", async () => {
  await fc.assert(
    fc.asyncProperty(pairItems, fc.nat(1000), async (a, seed) => {
      const options = { seed, resamples: 30 };
      const b = a.map((item, row) => ({ ...item, scores: row % 3 === 0 ? item.scores.toReversed() : item.scores }));
      const self = await compareRuns(toyBenchmark, a, a, options);
      expect(self.disagreements).toEqual({ aBetter: [], bBetter: [] });
      expect(self.credit.test.p).toBe(1);
      const [forth, back] = [
        await compareRuns(toyBenchmark, a, b, options),
        await compareRuns(toyBenchmark, b, a, options),
      ];
      expect(back.credit.test.p).toBe(forth.credit.test.p);
      expect(back.disagreements.aBetter.length).toBe(forth.disagreements.bBetter.length);
      const [there, here] = [forth.headline.difference, back.headline.difference];
      if (there === null) expect(here).toBeNull();
      else {
        expect(here!.estimate).toBeCloseTo(-there.estimate, 12);
        expect(here!.low).toBeCloseTo(-there.high, 12);
        expect(there.low).toBeLessThanOrEqual(there.estimate);
        expect(there.high).toBeGreaterThanOrEqual(there.estimate);
      }
      expect(await compareRuns(toyBenchmark, reordered(a, seed), reordered(b, seed + 1), options)).toEqual(forth);
    }),
    { numRuns: 30 },
  );
});

test("runs of other data and doubled items are refused by their key", async () => {
  const options = { seed: 1, resamples: 10 };
  const refused = (a: ReturnType<typeof pairItem>[], b: ReturnType<typeof pairItem>[], words: RegExp) =>
    expect(compareRuns(toyBenchmark, a, b, options)).rejects.toThrow(words);
  await refused([pairItem(3, right)], [pairItem(3, right, { queryKey: "other" })], /"data.jsonl#3" is not the same/);
  await refused([pairItem(3, right)], [pairItem(3, [1, 2, 3])], /"data.jsonl#3" is not the same/);
  await refused([pairItem(3, right), pairItem(3, right)], [], /run A has the item "data.jsonl#3" twice/);
  await expect(compareRuns(toyBenchmark, [], [pairItem(1, right), pairItem(1, right)], options)).rejects.toThrow(
    InputError,
  );
});

test("runs without a common item have no numbers", async () => {
  const found = await compareRuns(toyBenchmark, [pairItem(1, right)], [pairItem(2, right)], { seed: 1, resamples: 10 });
  expect(found.items).toEqual({ both: 0, onlyA: 1, onlyB: 1 });
  expect(found.headline).toMatchObject({ a: null, b: null, difference: null });
  expect(found.mcNemar).toBeNull();
});

test("length-balanced accuracies are paired, by the first run's lengths", async () => {
  const lengths = (row: number) => (row < 8 ? [30, 10] : [10, 30]);
  const rows = Array.from({ length: 10 }, (_, row) => row);
  // A goes by length. B is right throughout, on responses that were made equally long.
  const a = rows.map((row) => pairItem(row, lengths(row), { lengths: lengths(row) }));
  const b = rows.map((row) => pairItem(row, row === 9 ? [5, 5] : right, { lengths: [40, 40] }));
  const { lengthBalanced, headline } = await compareRuns(toyBenchmark, a, b, { seed: 1, resamples: 200 });
  expect(headline).toMatchObject({ a: 0.8, b: 0.9 });
  expect(lengthBalanced.strict).toMatchObject({ a: 0.5, b: 0.75, difference: { estimate: 0.25 } });
  expect(lengthBalanced.half).toMatchObject({ a: 0.5, b: 0.875 });
  const oneHalf = await compareRuns(toyBenchmark, a.slice(0, 8), b, { seed: 1, resamples: 20 });
  expect(oneHalf.lengthBalanced.strict).toMatchObject({ a: null, b: null, difference: null });
});
