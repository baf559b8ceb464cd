import fc from "fast-check";
import { expect, test } from "vitest";
import { queryFromText } from "../../core/query.ts";
import {
  constantJudge,
  countPairsByLength,
  lengthExplained,
  lengthRuler,
  measureItem,
  scoresLine,
  shuffledLabels,
  shuffledNumbers,
} from "./index.ts";
import { pairItem, pairItems, toyBenchmark } from "./test-helpers.ts";

test("a measured item keeps lengths in code points and the query's identity, and no texts", () => {
  const item = {
    ...pairItem(0, []).item,
    query: queryFromText("a secret question"),
    responses: [
      { id: "0", text: "a😀é" },
      { id: "1", text: "\ud800x" },
    ],
  };
  const measured = measureItem(item, [1, null]);
  expect(measured.lengths).toEqual([3, 2]);
  expect(JSON.stringify(measured)).not.toContain("secret");
  expect(measureItem({ ...item, key: "other#1" }, []).queryKey).toBe(measured.queryKey);
  expect(measureItem({ ...item, query: queryFromText("another") }, []).queryKey).not.toBe(measured.queryKey);
  expect(scoresLine(measured)).toBe('{"item":"data.jsonl#0","scores":[1,null]}');
});

test("length rulers: each pair of unequal length is right for exactly one of them", () => {
  fc.assert(
    fc.property(pairItems, (items) => {
      const { longer, shorter } = lengthRuler(items);
      const [up, down] = [toyBenchmark.score(longer).pairs, toyBenchmark.score(shorter).pairs];
      expect(up.strict! + down.strict! + up.tieRate!).toBeCloseTo(1, 12);
      expect(up.tieRate).toBe(down.tieRate);
      const longerWins = items.filter(({ lengths }) => lengths[0]! > lengths[1]!).length;
      expect(up.strict).toBeCloseTo(longerWins / items.length, 12);
    }),
  );
});

test("a constant judge ties everywhere, whatever was unscored", () => {
  const constant = constantJudge([pairItem(0, [null, 3]), pairItem(1, [1, 2])]);
  expect(toyBenchmark.score(constant).pairs).toMatchObject({ strict: 0, half: 0.5, tieRate: 1 });
});

test("shuffled labels keep every item's scores and depend on the seed alone", () => {
  fc.assert(
    fc.property(pairItems, fc.nat(), (items, seed) => {
      const shuffled = shuffledLabels(items, seed);
      shuffled.forEach((item, index) => {
        expect([...item.scores].sort()).toEqual([...items[index]!.scores].sort());
      });
      const backwards = shuffledLabels(items.toReversed(), seed).toReversed();
      expect(backwards).toEqual(shuffled);
    }),
  );
});

test("the shuffled headline of untied pairs is one half, a tied share of them less", async () => {
  const items = Array.from({ length: 100 }, (_, row) => pairItem(row, row < 80 ? [9, 1] : [5, 5]));
  const { headline: found, half } = await shuffledNumbers(toyBenchmark, items, { seed: 1, resamples: 400 });
  expect(toyBenchmark.score(items).headline.value).toBe(0.8);
  expect(Math.abs(found.mean! - 0.4)).toBeLessThan(0.01);
  expect(found.deviation).toBeCloseTo(Math.sqrt(80 / 4) / 100, 2);
  expect(found.low).toBeGreaterThan(0.28);
  expect(found.high).toBeLessThan(0.52);
  expect(Math.abs(half.mean! - 0.5)).toBeLessThan(0.01);
  const aborted = AbortSignal.abort(new Error("stopped"));
  await expect(shuffledNumbers(toyBenchmark, items, { seed: 1, signal: aborted })).rejects.toThrow("stopped");
});

test("length explains all of a ruler's scores, within queries only", () => {
  const items = [
    // Long answers to the first query, short ones to the second; the offset between them is not length bias.
    pairItem(0, [1.2, 1.0], { lengths: [1200, 1000] }),
    pairItem(1, [9.0, 9.1], { lengths: [100, 200] }),
    pairItem(2, [null, 3], { lengths: [5, 10] }),
  ];
  const found = lengthExplained(items);
  expect(found.responses).toBe(4);
  expect(found.rSquared).toBeCloseTo(1, 12);
  expect(found.slopePerThousand).toBeCloseTo(1, 12);
  expect(found.spearman).toBeCloseTo(1, 12);
});

test("length explains nothing of scores that are the same for long and short", () => {
  const items = [
    pairItem(0, [8, 4], { lengths: [300, 100] }),
    pairItem(1, [8, 4], { lengths: [100, 300] }),
    pairItem(2, [8, 4], { lengths: [100, 100] }),
    pairItem(3, [6, 6], { lengths: [100, 100] }),
  ];
  expect(lengthExplained(items).rSquared).toBeCloseTo(0, 12);
});

test("monotone transforms of the scores leave pair accuracy as it is", () => {
  fc.assert(
    fc.property(pairItems, (items) => {
      const stretched = items.map((item) => ({
        ...item,
        scores: item.scores.map((score) => (score === null ? null : score ** 3 - 100)),
      }));
      expect(toyBenchmark.score(stretched)).toEqual(toyBenchmark.score(items));
      expect(countPairsByLength(stretched)).toEqual(countPairsByLength(items));
    }),
  );
});
