import fc from "fast-check";
import { expect, test } from "vitest";
import { balancedAccuracy, countPairsByLength, lengthBalance, lengthRuler } from "./index.ts";
import { pairItem, pairItems, reordered } from "./test-helpers.ts";

const [longer, shorter, equal] = [
  [30, 10],
  [10, 30],
  [20, 20],
];
const quick = { seed: 1, resamples: 200 };

test("by hand: the halves, and their mean whatever their sizes", async () => {
  const items = [
    // The better response is longer: 3 right, 1 tie.
    ...[
      [9, 1],
      [9, 1],
      [9, 1],
      [5, 5],
    ].map((scores, row) => pairItem(row, scores, { lengths: longer! })),
    // It is shorter: 1 wrong, 1 unscored.
    pairItem(4, [1, 9], { lengths: shorter! }),
    pairItem(5, [9, null], { lengths: shorter! }),
    pairItem(6, [9, 1], { lengths: equal! }),
  ];
  const found = await lengthBalance(items, quick);
  expect(found).toMatchObject({
    betterLonger: { pairs: 4, strict: { value: 3 / 4 }, half: { value: 3.5 / 4 } },
    betterShorter: { pairs: 2, strict: { value: 0 }, half: { value: 0 } },
    equalLength: 1,
    balanced: { strict: { value: 3 / 8 }, half: { value: 3.5 / 8 } },
  });
  const { low, high } = found.balanced.strict.interval!;
  expect(low).toBeLessThan(3 / 8);
  expect(high).toBeGreaterThan(3 / 8);
  expect(found.betterShorter.strict.interval).toMatchObject({ low: 0, high: 0 });
});

test("an item of several responses gives each of its pairs to its half", () => {
  const item = pairItem(0, [9, 5, 7], { lengths: [20, 10, 20] });
  const graded = {
    ...item,
    item: {
      ...item.item,
      pairs: [
        [0, 1],
        [0, 2],
        [1, 2],
      ] as [number, number][],
    },
  };
  const counts = countPairsByLength([graded]);
  expect(counts).toMatchObject({ betterLonger: { wins: 1 }, betterShorter: { losses: 1 }, equalLength: { wins: 1 } });
  expect(balancedAccuracy(counts)).toEqual({ strict: 0.5, half: 0.5 });
});

test("without one of the halves there is no number", async () => {
  const items = [0, 1, 2].map((row) => pairItem(row, [9, 1], { lengths: longer! }));
  const { balanced, betterLonger, betterShorter } = await lengthBalance(items, quick);
  expect(balanced).toEqual({ strict: { value: null, interval: null }, half: { value: null, interval: null } });
  expect(betterLonger).toMatchObject({ pairs: 3, strict: { value: 1 } });
  expect(betterShorter).toMatchObject({ pairs: 0, strict: { value: null, interval: null } });
  expect(await lengthBalance([], quick)).toMatchObject({ equalLength: 0, balanced: { strict: { value: null } } });
});

test("length is worth nothing: both rulers get one half of what length can decide", async () => {
  await fc.assert(
    fc.asyncProperty(pairItems, async (items) => {
      for (const ruler of Object.values(lengthRuler(items))) {
        const { balanced, betterLonger, betterShorter } = await lengthBalance(ruler, { seed: 1, resamples: 10 });
        const isThere = betterLonger.pairs > 0 && betterShorter.pairs > 0;
        expect(balanced.strict.value).toBe(isThere ? 0.5 : null);
        expect(balanced.half.value).toBe(isThere ? 0.5 : null);
      }
    }),
    { numRuns: 40 },
  );
});

test("intervals are over whole queries, and the order of the items changes nothing", async () => {
  const rows = Array.from({ length: 100 }, (_, row) => row);
  const items = (queryKey: (row: number) => string) =>
    rows.map((row) => {
      const [right, long] = [row % 10 < 7, row % 2 === 0];
      return pairItem(row, right ? [9, 1] : [1, 9], { lengths: long ? longer! : shorter!, queryKey: queryKey(row) });
    });
  const single = await lengthBalance(
    items((row) => `q${row}`),
    { seed: 1 },
  );
  const repeated = await lengthBalance(
    items((row) => `q${row % 10}`),
    { seed: 1 },
  );
  // 50 pairs a half, 80 % and 60 % right.
  expect(single.balanced.strict.value).toBeCloseTo(0.7, 12);
  const error = Math.sqrt(0.8 * 0.2 + 0.6 * 0.4) / Math.sqrt(50) / 2;
  expect(single.balanced.strict.interval!.standardError).toBeCloseTo(error, 2);
  expect(repeated.balanced.strict.interval!.standardError).toBeGreaterThan(2 * error);
  await fc.assert(
    fc.asyncProperty(pairItems, fc.nat(1000), async (some, seed) => {
      const options = { seed, resamples: 20 };
      expect(await lengthBalance(reordered(some, seed), options)).toEqual(await lengthBalance(some, options));
    }),
    { numRuns: 20 },
  );
});
