import fc from "fast-check";
import { expect, test } from "vitest";
import { averageRanks, normalCdf, normalQuantile, normalTail, quantiles, wilsonInterval } from "./index.ts";
import { logChoose } from "./log-factorial.ts";

test("normal tail and quantile to nine digits and more (values of SciPy)", () => {
  expect(normalTail(0.5)).toBeCloseTo(0.308537539, 9);
  expect(normalTail(2.5) / 6.209665325776132e-3).toBeCloseTo(1, 12);
  expect(normalTail(3) / 1.349898031630095e-3).toBeCloseTo(1, 12);
  expect(normalTail(5) / 2.866515718791939e-7).toBeCloseTo(1, 11);
  expect(normalTail(8) / 6.220960574271785e-16).toBeCloseTo(1, 11);
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12);
  expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306167813, 12);
  expect(normalQuantile(1e-10)).toBeCloseTo(-6.361340902404056, 9);
});

test("the quantile undoes the distribution function", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }), (share) => {
      expect(normalCdf(normalQuantile(share))).toBeCloseTo(share, 12);
    }),
  );
});

test("Wilson intervals of Newcombe's four cases (Newcombe 1998, table I)", () => {
  for (const [successes, trials, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const) {
    const interval = wilsonInterval(successes, trials)!;
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  }
  expect(wilsonInterval(0, 0)).toBeNull();
});

test("a Wilson interval holds the share, stays between 0 and 1 and mirrors", () => {
  const counts = fc
    .integer({ min: 1, max: 500 })
    .chain((trials) => fc.tuple(fc.integer({ min: 0, max: trials }), fc.constant(trials)));
  fc.assert(
    fc.property(counts, ([successes, trials]) => {
      const interval = wilsonInterval(successes, trials)!;
      const mirrored = wilsonInterval(trials - successes, trials)!;
      expect(interval.low).toBeLessThanOrEqual(interval.estimate);
      expect(interval.high).toBeGreaterThanOrEqual(interval.estimate);
      expect(interval.low).toBeGreaterThanOrEqual(0);
      expect(interval.high).toBeLessThanOrEqual(1);
      expect(1 - mirrored.high).toBeCloseTo(interval.low, 12);
    }),
  );
});

test("quantiles of type 7 (Hyndman and Fan 1996): position 1 + (n - 1) p", () => {
  expect(quantiles([4, 1, 3, 2], [0, 0.25, 0.5, 0.9, 1])).toEqual([1, 1.75, 2.5, expect.closeTo(3.7, 12), 4]);
  expect(quantiles([], [0.5])).toEqual([null]);
});

test("quantiles grow with the share and stay inside of the values", () => {
  const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(
      values,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (list, p, q) => {
        const [low, high] = quantiles(list, [Math.min(p, q), Math.max(p, q)]) as [number, number];
        expect(high).toBeGreaterThanOrEqual(low - 1e-12 * Math.abs(low));
        expect(low).toBeGreaterThanOrEqual(Math.min(...list) - 1e-12 * Math.abs(low));
        expect(high).toBeLessThanOrEqual(Math.max(...list) + 1e-12 * Math.abs(high));
      },
    ),
  );
});

test("equal values share their mean rank", () => {
  expect([...averageRanks([30, 10, 30, 20])]).toEqual([3.5, 1, 3.5, 2]);
});

test("binomial coefficients by logarithm, small and large", () => {
  expect(Math.exp(logChoose(10, 3))).toBeCloseTo(120, 9);
  expect(Math.exp(logChoose(52, 5)) / 2_598_960).toBeCloseTo(1, 11);
  // C(1000, 500) = 2.7028824e299, by whole-number arithmetic.
  expect(logChoose(1000, 500) / Math.LN10).toBeCloseTo(299.43182715, 8);
  expect(logChoose(3, 4)).toBe(Number.NEGATIVE_INFINITY);
});
