import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bucketLength, planCalls } from "./plan-calls.ts";

describe("bucket lengths", () => {
  test("have two significant binary digits", () => {
    expect([1, 32, 33, 48, 49, 64, 65, 97, 129, 700, 1025].map(bucketLength)).toEqual([
      ...[32, 32, 48, 48, 64, 64, 96, 128, 192, 768, 1536],
    ]);
  });

  test("are never too short and less than half too long", () => {
    fc.assert(
      fc.property(fc.integer({ min: 33, max: 1 << 20 }), (length) => {
        expect(bucketLength(length)).toBeGreaterThanOrEqual(length);
        expect(bucketLength(length)).toBeLessThan(length * 1.5);
      }),
    );
  });
});

describe("calls", () => {
  test("hold every sequence once, fit the budget and the padded length, and have a power of two of rows", () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 80 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 20_000 }), (given, budget) => {
        const calls = planCalls(given, budget);
        expect(calls.flatMap(({ items }) => items).sort((a, b) => a - b)).toEqual(given.map((_, index) => index));
        for (const { items, paddedLength } of calls) {
          expect(paddedLength).toBe(bucketLength(Math.max(...items.map((item) => given[item]!))));
          expect(items.length === 1 || items.length * paddedLength <= budget).toBe(true);
          expect(Number.isInteger(Math.log2(items.length))).toBe(true);
        }
      }),
    );
  });

  test("few shapes: 64 conversations of any length up to 1,024 make at most 13 of them", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1024 }), { minLength: 64, maxLength: 64 }), (given) => {
        const shapes = new Set(
          planCalls(given, 2048).map(({ items, paddedLength }) => `${items.length} ${paddedLength}`),
        );
        expect(shapes.size).toBeLessThanOrEqual(13);
      }),
    );
  });
});
