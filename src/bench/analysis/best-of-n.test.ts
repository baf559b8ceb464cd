import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../core/errors.ts";
import { expectedBestOfK } from "../best-of-k.ts";
import { bestOfN, pickers } from "./index.ts";
import { gradedItems, pairItem, reordered } from "./test-helpers.ts";

/** Every subset, counted. */
function pickedByCounting(scores: (number | null)[], quality: number[], draws: number): number {
  let [sum, subsets] = [0, 0];
  for (let mask = 0; mask < 2 ** scores.length; mask++) {
    const members = scores.flatMap((_, index) => ((mask >> index) & 1 ? [index] : []));
    if (members.length !== draws) continue;
    const worth = (index: number) => scores[index] ?? Number.NEGATIVE_INFINITY;
    const top = Math.max(...members.map(worth));
    const best = members.filter((index) => worth(index) === top);
    sum += best.reduce((total, index) => total + quality[index]!, 0) / best.length;
    subsets++;
  }
  return sum / subsets;
}

test("by hand: of four, the right one on top is among two with probability 1/2; tied with one, half of what the pair wins", () => {
  expect(expectedBestOfK([9, 3, 2, 1], [1, 0, 0, 0], 2)).toBeCloseTo(1 / 2, 14);
  // Subsets of two that touch the tied pair: 5 of 6, shared evenly.
  expect(expectedBestOfK([9, 9, 2, 1], [1, 0, 0, 0], 2)).toBeCloseTo(5 / 12, 14);
  expect(expectedBestOfK([8, 7, 7, 1], [1, 0, 0, 0], 4)).toBe(1);
  expect(expectedBestOfK([8, 8, 8, 1], [1, 0, 0, 0], 4)).toBeCloseTo(1 / 3, 14);
  expect(expectedBestOfK([7, 8, 8, 8], [1, 0, 0, 0], 4)).toBe(0);
});

test("the closed form equals counting all subsets; at 1 it is the mean, at all the mean of the top tie group", () => {
  fc.assert(
    fc.property(gradedItems, (items) => {
      for (const { item, scores } of items) {
        for (let draws = 1; draws <= scores.length; draws++) {
          expect(expectedBestOfK(scores, item.quality, draws)).toBeCloseTo(
            pickedByCounting(scores, item.quality, draws),
            12,
          );
        }
        const mean = item.quality.reduce((sum, one) => sum + one, 0) / item.quality.length;
        expect(expectedBestOfK(scores, item.quality, 1)).toBeCloseTo(mean, 12);
        const worth = scores.map((score) => score ?? Number.NEGATIVE_INFINITY);
        const top = item.quality.filter((_, index) => worth[index] === Math.max(...worth));
        const topMean = top.reduce((sum, one) => sum + one, 0) / top.length;
        expect(expectedBestOfK(scores, item.quality, scores.length)).toBeCloseTo(topMean, 12);
      }
    }),
  );
});

test("a thousand candidates: the best one is among n of 1000 with probability n / 1000", () => {
  const scores = Array.from({ length: 1000 }, (_, index) => 1000 - index);
  const quality = scores.map((_, index) => (index === 0 ? 1 : 0));
  for (const n of [1, 2, 10, 500, 999, 1000]) expect(expectedBestOfK(scores, quality, n)).toBeCloseTo(n / 1000, 12);
  // Mean rank of the best of 500 among 1000 is (1000 + 1) / 501, from the top.
  expect(
    expectedBestOfK(
      scores,
      scores.map((_, index) => index + 1),
      500,
    ),
  ).toBeCloseTo(1001 / 501, 10);
});

test("unscored candidates come last, as one tie group", () => {
  expect(expectedBestOfK([null, 1, null], [5, 0, 3], 3)).toBe(0);
  expect(expectedBestOfK([null, null], [5, 3], 2)).toBe(4);
});

test("curves: chance is flat, the oracle is highest, intervals hold their value, order does not matter", () => {
  fc.assert(
    fc.property(gradedItems, fc.nat(1000), (items, seed) => {
      const options = { seed, resamples: 20 };
      const curves = bestOfN(items, [1, 2, 4, 9], options);
      for (const { n, quality, items: counted } of curves) {
        expect(counted).toBe(items.filter(({ scores }) => scores.length >= n).length);
        if (counted === 0) {
          expect(quality.judge).toEqual({ value: null, interval: null });
          continue;
        }
        const mean = items
          .filter(({ scores }) => scores.length >= n)
          .reduce(
            (sum, { item }, _, all) => sum + item.quality.reduce((x, y) => x + y, 0) / item.quality.length / all.length,
            0,
          );
        expect(quality.random.value).toBeCloseTo(mean, 10);
        for (const picker of pickers) {
          const { value, interval } = quality[picker];
          expect(value!).toBeLessThanOrEqual(quality.oracle.value! + 1e-9);
          if (n === 1) expect(value).toBeCloseTo(mean, 10);
          if (interval !== null) {
            expect(interval.estimate).toBe(value);
            expect(interval.low).toBeLessThanOrEqual(value!);
            expect(interval.high).toBeGreaterThanOrEqual(value!);
          }
        }
      }
      expect(bestOfN(reordered(items, seed), [1, 2, 4, 9], options)).toEqual(curves);
    }),
    { numRuns: 40 },
  );
});

test("monotone transforms of the scores change no curve", () => {
  fc.assert(
    fc.property(gradedItems, (items) => {
      const options = { seed: 1, resamples: 5 };
      const stretched = items.map((item) => ({
        ...item,
        scores: item.scores.map((score) => (score === null ? null : Math.exp(score))),
      }));
      expect(bestOfN(stretched, [1, 2, 3], options)).toEqual(bestOfN(items, [1, 2, 3], options));
    }),
    { numRuns: 30 },
  );
});

test("the rulers pick by length", () => {
  const items = [0, 1].map((row) => pairItem(row, [1, 2], { lengths: [50, 20] }));
  const [point] = bestOfN(items, [2], { seed: 1, resamples: 10 });
  expect(point).toMatchObject({
    items: 2,
    quality: {
      judge: { value: 0 },
      oracle: { value: 1 },
      random: { value: 0.5 },
      longer: { value: 1 },
      shorter: { value: 0 },
    },
  });
});

test("an n that is not a whole number from 1 is refused", () => {
  expect(() => bestOfN([], [1, 0], { seed: 1 })).toThrow(InputError);
  expect(() => bestOfN([], [2.5], { seed: 1 })).toThrow("got 2.5");
});
