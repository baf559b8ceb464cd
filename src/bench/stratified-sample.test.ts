import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allocate, stratifiedSample } from "./stratified-sample.ts";

const items = (counts: Record<string, number>) =>
  Object.entries(counts).flatMap(([subset, count]) =>
    Array.from({ length: count }, (_, index) => ({ key: `${subset}.jsonl#${index}`, subset })),
  );
const countsOf = (keys: Set<string>) => {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[key.split(".")[0]!] = (counts[key.split(".")[0]!] ?? 0) + 1;
  return counts;
};

describe("a stratified sample", () => {
  it("gives places by largest remainder", () => {
    expect(countsOf(stratifiedSample(items({ a: 50, b: 30, c: 20 }), 10, 1))).toEqual({ a: 5, b: 3, c: 2 });
    expect(allocate([41, 33, 26], 10)).toEqual([4, 3, 3]);
    expect(allocate([1, 1, 1], 2)).toEqual([1, 1, 0]);
  });

  it("does not depend on the order of the items, and does on the seed", () => {
    const all = items({ a: 200, b: 100 });
    const sample = stratifiedSample(all, 30, 7);
    expect(stratifiedSample(all.toReversed(), 30, 7)).toEqual(sample);
    expect(stratifiedSample(all, 30, 8)).not.toEqual(sample);
  });

  it("has exactly the places that were asked for, and never more of a subset than there are", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 6 }), fc.nat(120), (sizes, limit) => {
        const places = allocate(sizes, limit);
        const total = sizes.reduce((sum, size) => sum + size, 0);
        expect(places.reduce((sum, count) => sum + count, 0)).toBe(Math.min(limit, total));
        for (const [index, count] of places.entries()) expect(count).toBeLessThanOrEqual(sizes[index]!);
      }),
    );
  });

  it("takes the items of a cluster together or not at all", () => {
    const paired = Array.from({ length: 40 }, (_, index) => ({
      key: `t#${index}`,
      subset: "Ties",
      cluster: String(index >> 1),
    }));
    for (const limit of [1, 2, 7, 8, 40]) {
      const sample = stratifiedSample(paired, limit, 3);
      expect(sample.size).toBe(limit - (limit % 2));
      for (let index = 0; index < 40; index += 2) expect(sample.has(`t#${index}`)).toBe(sample.has(`t#${index + 1}`));
    }
  });
});
