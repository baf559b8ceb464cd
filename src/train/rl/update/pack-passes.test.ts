import fc from "fast-check";
import { expect, test } from "vitest";
import { packPasses, paddedLength } from "./pack-passes.ts";

test("lengths are padded to two significant binary digits", () => {
  expect([1, 32, 33, 48, 49, 64, 65, 96, 97, 700, 769].map(paddedLength)).toEqual([
    32, 32, 48, 48, 64, 64, 96, 96, 128, 768, 1024,
  ]);
});

test("a pass holds one padded length, within the budget, a power of two of sequences", () => {
  const lengths = [30, 31, 32, 40, 10, 60];
  // Three rows of 32 fit into 100, two are taken; the rest follows one by one.
  expect(packPasses(lengths, 100)).toEqual([[4, 0], [1, 2], [3], [5]]);
});

test("a sequence longer than the budget is a pass of its own", () => {
  expect(packPasses([5000, 20], 100)).toEqual([[1], [0]]);
});

test("every sequence is in exactly one pass, and no pass mixes shapes or breaks the budget", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3000 })), fc.integer({ min: 1, max: 5000 }), (lengths, budget) => {
      const passes = packPasses(lengths, budget);
      expect(passes.flat().sort((a, b) => a - b)).toEqual([...lengths.keys()]);
      for (const pass of passes) {
        const shapes = new Set(pass.map((index) => paddedLength(lengths[index]!)));
        expect(shapes.size).toBe(1);
        expect(Math.log2(pass.length) % 1).toBe(0);
        if (pass.length > 1) expect(pass.length * [...shapes][0]!).toBeLessThanOrEqual(budget);
      }
    }),
  );
});
