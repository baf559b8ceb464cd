import fc from "fast-check";
import { expect, test } from "vitest";
import { deriveSeed, seededRandom } from "./random.ts";

test("a seed repeats its numbers; they are in [0, 1), spread evenly, and another seed has others", () => {
  const draw = (seed: number, count = 10_000) => {
    const random = seededRandom(seed);
    return Array.from({ length: count }, random);
  };
  expect(draw(5, 10)).toEqual(draw(5, 10));
  expect(draw(5, 10)).not.toEqual(draw(6, 10));
  const numbers = draw(1);
  expect(numbers.every((each) => each >= 0 && each < 1)).toBe(true);
  for (let tenth = 0; tenth < 10; tenth++) {
    const share = numbers.filter((each) => Math.floor(each * 10) === tenth).length / numbers.length;
    expect(Math.abs(share - 0.1)).toBeLessThan(0.015);
  }
});

test("derived seeds are 32-bit, repeat, and do not collide for neighbouring samples", () => {
  const seeds = new Set<number>();
  for (let seed = 0; seed < 10; seed++)
    for (let turn = 1; turn <= 2; turn++)
      for (let c = 0; c < 10; c++) for (let e = 0; e < 10; e++) seeds.add(deriveSeed(seed, turn, c, e));
  expect(seeds.size).toBe(2_000);
  fc.assert(
    fc.property(fc.nat(), fc.array(fc.nat(), { maxLength: 4 }), (seed, parts) => {
      const derived = deriveSeed(seed, ...parts);
      expect(Number.isInteger(derived) && derived >= 0 && derived < 2 ** 32).toBe(true);
      expect(deriveSeed(seed, ...parts)).toBe(derived);
    }),
  );
});
