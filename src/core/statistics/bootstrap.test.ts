import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { bootstrap, pairedBootstrap, pearson, type Statistic } from "./index.ts";

function meanOf(values: number[]): Statistic {
  return (items) => {
    if (items.length === 0) return [null];
    let sum = 0;
    for (const item of items) sum += values[item]!;
    return [sum / items.length];
  };
}

// Data, percentile and BCa interval: Efron and Tibshirani 1993, tables 14.1 and 14.2 (90 %, 2,000 resamples).
const spatial = [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41];

function variance(items: Int32Array): [number] {
  let sum = 0;
  let squares = 0;
  for (const item of items) {
    sum += spatial[item]!;
    squares += spatial[item]! ** 2;
  }
  return [squares / items.length - (sum / items.length) ** 2];
}

test("percentile and BCa intervals of the spatial test's variance come near the published ones", () => {
  const options = { seed: 7, resamples: 8_000, level: 0.9 };
  const [percentile] = bootstrap(26, variance, options);
  expect(percentile!.estimate).toBeCloseTo(171.5, 1);
  // Published: (100.8, 233.9).
  expect(Math.abs(percentile!.low - 100.8)).toBeLessThan(4);
  expect(Math.abs(percentile!.high - 233.9)).toBeLessThan(4);
  // Published: (115.8, 259.6).
  const [bca] = bootstrap(26, variance, { ...options, method: "bca" });
  expect(Math.abs(bca!.low - 115.8)).toBeLessThan(4);
  expect(Math.abs(bca!.high - 259.6)).toBeLessThan(4);
});

test("the standard error of the law school correlation is about 0.133 (Efron and Tibshirani 1993, chapter 6)", () => {
  const lsat = [576, 635, 558, 578, 666, 580, 555, 661, 651, 605, 653, 575, 545, 572, 594];
  const gpa = [3.39, 3.3, 2.81, 3.03, 3.44, 3.07, 3.0, 3.43, 3.36, 3.13, 3.12, 2.74, 2.76, 2.88, 2.96];
  const [interval] = bootstrap(
    15,
    (items) => [
      pearson(
        Array.from(items, (item) => lsat[item]!),
        Array.from(items, (item) => gpa[item]!),
      ),
    ],
    { seed: 2, resamples: 4_000 },
  );
  expect(interval!.estimate).toBeCloseTo(0.776, 3);
  expect(Math.abs(interval!.standardError - 0.133)).toBeLessThan(0.012);
});

test("two tosses by hand: the mean of {0, 1} is 0, 1/2 or 1 with shares 1/4, 1/2, 1/4", () => {
  const [interval] = bootstrap(2, meanOf([0, 1]), { seed: 11, resamples: 20_000, level: 0.6 });
  expect(interval).toMatchObject({ estimate: 0.5, low: 0, high: 1, resamples: 20_000 });
  expect(interval!.standardError).toBeCloseTo(Math.sqrt(1 / 8), 2);
});

test("an interval holds its estimate, is repeatable by seed and moves with the data", () => {
  const lists = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 2, maxLength: 15 });
  fc.assert(
    fc.property(lists, fc.integer(), fc.constantFrom("percentile" as const, "bca" as const), (list, seed, method) => {
      const options = { seed, resamples: 50, method };
      const [interval] = bootstrap(list.length, meanOf(list), options);
      expect(interval!.low).toBeLessThanOrEqual(interval!.estimate);
      expect(interval!.high).toBeGreaterThanOrEqual(interval!.estimate);
      expect(bootstrap(list.length, meanOf(list), options)).toEqual([interval]);
      const [moved] = bootstrap(list.length, meanOf(list.map((value) => value + 1024)), options);
      expect(moved!.low).toBeCloseTo(interval!.low + 1024, 8);
      expect(moved!.high).toBeCloseTo(interval!.high + 1024, 8);
    }),
    { numRuns: 60 },
  );
});

test("items of a cluster are drawn together: doubling every item in its cluster changes nothing", () => {
  const values = [3, 1, 4, 1, 5, 9, 2, 6];
  const twice = [...values, ...values];
  const clusters = twice.map((_, index) => index % values.length);
  const single = bootstrap(8, meanOf(values), { seed: 4 });
  const [clustered] = bootstrap(16, meanOf(twice), { seed: 4, clusters });
  expect(clustered!.low).toBeCloseTo(single[0]!.low, 12);
  expect(clustered!.high).toBeCloseTo(single[0]!.high, 12);
  // Taken for independent, the same sixteen would look more certain than they are.
  const [naive] = bootstrap(16, meanOf(twice), { seed: 4 });
  expect(naive!.standardError).toBeLessThan(0.8 * clustered!.standardError);
});

test("a nominal 95 % interval holds the true mean in about 95 % of samples", () => {
  let held = 0;
  for (let trial = 0; trial < 200; trial++) {
    // A low-discrepancy sequence stands in for 40 draws from [0, 1); its start differs by trial.
    const sample = Array.from({ length: 40 }, (_, index) =>
      fractional(Math.sin(trial * 97.13 + index * 12.9898) * 43758.5453),
    );
    const [interval] = bootstrap(40, meanOf(sample), { seed: trial, resamples: 300 });
    if (interval!.low <= 0.5 && interval!.high >= 0.5) held++;
  }
  expect(held).toBeGreaterThan(176);
  expect(held).toBeLessThan(200);
});

test("what both statistics share cancels in a paired difference", () => {
  const values = [3, 1, 4, 1, 5, 9, 2, 6];
  const better = values.map((value) => value + 2);
  const [interval] = pairedBootstrap(8, meanOf(values), meanOf(better), { seed: 1 });
  expect(interval!.low).toBeCloseTo(2, 12);
  expect(interval!.high).toBeCloseTo(2, 12);
});

test("numbers that are not defined: null where the whole sample has none, skipped where a resample has none", () => {
  const seen = (wanted: number) => (items: Int32Array) => (items.includes(wanted) ? 1 : null);
  const [first, never] = bootstrap(3, (items) => [seen(0)(items), null], { seed: 1, resamples: 300 });
  expect(never).toBeNull();
  expect(first).toMatchObject({ low: 1, high: 1 });
  // A given item is in a resample of three with probability 1 - (2/3)^3 = 0.70.
  expect(first!.resamples / 300).toBeGreaterThan(0.6);
  expect(first!.resamples / 300).toBeLessThan(0.8);
  expect(bootstrap(2, meanOf([1, 2]), { seed: 1, clusters: [5, 5] })).toEqual([null]);
  expect(bootstrap(0, meanOf([]), { seed: 1 })).toEqual([null]);
});

test("options that make no sense are refused by name", () => {
  for (const bad of [{ resamples: 1 }, { resamples: 1.5 }, { level: 1 }, { level: 0 }]) {
    expect(() => bootstrap(2, meanOf([1, 2]), { seed: 1, ...bad })).toThrow(InputError);
  }
});

test("2,000 resamples of 3,000 items take about a second, with room for a busy machine", () => {
  const values = Array.from({ length: 3_000 }, (_, index) => index % 7);
  const start = performance.now();
  bootstrap(3_000, meanOf(values), { seed: 1 });
  expect(performance.now() - start).toBeLessThan(4_000);
});

function fractional(value: number): number {
  return value - Math.floor(value);
}
