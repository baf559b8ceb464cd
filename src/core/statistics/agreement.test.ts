import fc from "fast-check";
import { expect, test } from "vitest";
import { krippendorffAlpha, pairwiseAgreement } from "./index.ts";

const none = null;

test("alpha of four observers and twelve units is 0.849 (Krippendorff 2011, example C to E, interval metric)", () => {
  const observers = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, none, none, none],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, none, 3],
    [none, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, none],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, none],
  ];
  const units = observers[0]!.map((_, unit) => observers.map((ratings) => ratings[unit] ?? null));
  expect(krippendorffAlpha(units)).toBeCloseTo(0.849, 3);
});

test("alpha by hand: units {0, 1} and {1, 1}: 1 - (2 / 4) / (6 / 12) = 0", () => {
  expect(krippendorffAlpha([[0, 1], [1, 1], [7]])).toBeCloseTo(0, 12);
  expect(krippendorffAlpha([[3, 3, 3]])).toBeNull();
  expect(krippendorffAlpha([])).toBeNull();
});

test("alpha is 1 for agreeing units, at most 1 otherwise, and does not depend on scale or origin", () => {
  const rating = fc.option(fc.integer({ min: 0, max: 20 }).map((step) => step / 2));
  fc.assert(
    fc.property(fc.array(fc.array(rating, { maxLength: 5 }), { maxLength: 8 }), (units) => {
      const alpha = krippendorffAlpha(units);
      if (alpha === null) return;
      expect(alpha).toBeLessThanOrEqual(1);
      const moved = units.map((unit) => unit.map((value) => (value === null ? null : 3 * value + 1000)));
      expect(krippendorffAlpha(moved)).toBeCloseTo(alpha, 9);
    }),
  );
  expect(
    krippendorffAlpha([
      [2, 2],
      [9, 9, 9],
      [4, null, 4],
    ]),
  ).toBe(1);
});

test("pairwise agreement: 1 of 3 pairs in the first unit, all in the second", () => {
  expect(pairwiseAgreement([[7, 7, 8], [5, null, 5], [1]])).toBeCloseTo((1 / 3 + 1) / 2, 12);
  expect(pairwiseAgreement([[7, 7.5, 9]], 0.5)).toBeCloseTo(1 / 3, 12);
  expect(pairwiseAgreement([[1], [null, null]])).toBeNull();
});
