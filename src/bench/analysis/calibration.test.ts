import fc from "fast-check";
import { expect, test } from "vitest";
import { calibration, voteAgreement } from "./index.ts";
import { pairItem, pairItems, reordered } from "./test-helpers.ts";

test("margins, ties and unscored pairs by hand", () => {
  const found = calibration([
    pairItem(0, [7, 6.5]),
    pairItem(1, [6, 6.5]),
    pairItem(2, [9, 2]),
    pairItem(3, [5, 5]),
    pairItem(4, [null, 5]),
    pairItem(5, [8.5, 7.5]),
  ]);
  expect(found.pairs).toEqual({ count: 6, ties: 1, unscored: 1, tieShare: 1 / 5 });
  expect(found.fixed.map(({ above, upTo, pairs, right }) => [above, upTo, pairs, right?.estimate])).toEqual([
    [0, 0.5, 2, 0.5],
    [0.5, 1, 1, 1],
    [1, 2, 0, undefined],
    [2, 3, 0, undefined],
    [3, 5, 0, undefined],
    [5, null, 1, 1],
  ]);
  // Wilson, 1 of 2 at 95 %: 0.0945 to 0.9055.
  expect(found.fixed[0]!.right!.low).toBeCloseTo(0.0945, 4);
  expect(found.fixed[5]!.meanMargin).toBe(7);
  expect(found.scores).toMatchObject({ count: 11, unscored: 1, unscoredShare: 1 / 12 });
  expect(found.scores.histogram.filter(({ from }) => from < 6)).toEqual([
    { from: 2, width: 0.5, count: 1 },
    { from: 5, width: 0.5, count: 3 },
  ]);
  // Ranks of margins 1.5, 1.5, 3, 4 and of right 1, 3, 3, 3: worked by hand.
  expect(found.marginCorrelation).toBeCloseTo(2 / Math.sqrt(4.5 * 3), 12);
});

test("bins cover every judged pair once, equal margins share a bin, and order does not matter", () => {
  fc.assert(
    fc.property(pairItems, fc.integer({ min: 1, max: 6 }), fc.nat(1000), (items, bins, seed) => {
      const found = calibration(items, { bins });
      const judged = found.pairs.count - found.pairs.ties - found.pairs.unscored;
      for (const kind of [found.equalCount, found.fixed]) {
        expect(kind.reduce((sum, bin) => sum + bin.pairs, 0)).toBe(judged);
        for (const bin of kind) {
          if (bin.meanMargin === null) continue;
          expect(bin.meanMargin).toBeGreaterThan(bin.above);
          expect(bin.meanMargin).toBeLessThanOrEqual(bin.upTo ?? Number.POSITIVE_INFINITY);
        }
      }
      expect(found.equalCount.length).toBeLessThanOrEqual(bins);
      expect(found.scores.histogram.reduce((sum, bin) => sum + bin.count, 0)).toBe(found.scores.count);
      expect(calibration(reordered(items, seed), { bins })).toEqual(found);
    }),
  );
});

test("equal counts: forty different margins in ten bins are four each", () => {
  const items = Array.from({ length: 40 }, (_, row) => pairItem(row, [row + 1, 0]));
  expect(calibration(items).equalCount.map(({ pairs }) => pairs)).toEqual(Array(10).fill(4));
});

test("without items there are no shares", () => {
  expect(calibration([])).toMatchObject({
    pairs: { tieShare: null },
    equalCount: [],
    marginCorrelation: null,
    scores: { unscoredShare: null, histogram: [] },
  });
});

test("votes by hand: spreads, pooled spread, agreement", () => {
  const found = voteAgreement([
    { item: "f#0", response: "0", votes: [7, 7, 8] },
    { item: "f#0", response: "1", votes: [3, null, 5] },
    { item: "f#1", response: "0", votes: [null, 9] },
  ]);
  expect(found.responses).toMatchObject([
    { scored: 3, unscored: 0, mean: expect.closeTo(22 / 3, 12), spread: expect.closeTo(Math.sqrt(1 / 3), 12) },
    { scored: 2, unscored: 1, mean: 4, spread: expect.closeTo(Math.SQRT2, 12) },
    { scored: 1, unscored: 1, mean: 9, spread: null },
  ]);
  expect(found.spreadWithin).toBeCloseTo(Math.sqrt((1 / 3 + 2) / 2), 12);
  expect(found.equal).toBeCloseTo((1 / 3 + 0) / 2, 12);
  expect(found.withinOne).toBeCloseTo((1 + 0) / 2, 12);
  // Squared differences of ordered pairs: 4 in the first unit, 8 in the second; expected from all 20 of 7, 7, 8, 3, 5.
  const observed = (4 / 2 + 8 / 1) / 5;
  const expected = (2 * (0 + 1 + 16 + 4 + 1 + 16 + 4 + 25 + 9 + 4)) / 20;
  expect(found.alpha).toBeCloseTo(1 - observed / expected, 12);
});
