import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bfloat16ToFloat32,
  decodeNumbers,
  encodeNumbers,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from "./number-types.ts";

const types = [
  { name: "bfloat16", widen: bfloat16ToFloat32, narrow: float32ToBfloat16 },
  { name: "float16", widen: float16ToFloat32, narrow: float32ToFloat16 },
];

describe.each(types)("$name", ({ widen, narrow }) => {
  it("comes back bit by bit through float32, every pattern of it", () => {
    for (let pattern = 0; pattern < 0x10000; pattern++) {
      const value = widen(pattern);
      if (Number.isNaN(value)) expect(widen(narrow(value))).toBeNaN();
      else expect(narrow(value)).toBe(pattern);
    }
  });

  it("is the nearest of all, of two the one with an even pattern", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (value) => {
        const pattern = narrow(value);
        const magnitude = pattern & 0x7fff;
        const infinite = magnitude === narrow(Number.POSITIVE_INFINITY);
        // What is beyond the largest number is infinite; how far beyond is tested by example.
        if (infinite) return;
        const error = Math.abs(widen(pattern) - value);
        for (const other of [magnitude - 1, magnitude + 1]) {
          if (other < 0 || !Number.isFinite(widen(other))) continue;
          const distance = Math.abs(widen((pattern & 0x8000) | other) - value);
          expect(error).toBeLessThanOrEqual(distance);
          if (error === distance) expect(pattern % 2).toBe(0);
        }
        expect(Object.is(Math.sign(widen(pattern)), -0) || widen(pattern) * value >= 0).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

it.each([
  ["bfloat16", float32ToBfloat16, 3.4028234663852886e38, 0x7f80],
  ["bfloat16", float32ToBfloat16, 3.3895313892515355e38, 0x7f7f],
  ["bfloat16", float32ToBfloat16, -0, 0x8000],
  ["bfloat16", float32ToBfloat16, 1 + 2 ** -8, 0x3f80],
  ["bfloat16", float32ToBfloat16, 1 + 3 * 2 ** -8, 0x3f82],
  ["float16", float32ToFloat16, 65_519, 0x7bff],
  ["float16", float32ToFloat16, 65_520, 0x7c00],
  ["float16", float32ToFloat16, 2 ** -25, 0],
  ["float16", float32ToFloat16, 3 * 2 ** -25, 2],
  ["float16", float32ToFloat16, 2 ** -14 - 2 ** -26, 0x0400],
  ["float16", float32ToFloat16, -1 / 3, 0xb555],
] as const)("%s: %o of %d is %d", (_name, narrow, value, pattern) => {
  expect(narrow(value)).toBe(pattern);
});

it("tensors of every type come back, rounded as their numbers are", () => {
  const numbers = fc.array(fc.float({ noNaN: true }), { maxLength: 40 });
  fc.assert(
    fc.property(numbers, (list) => {
      const values = Float32Array.from(list);
      expect(decodeNumbers(encodeNumbers(values, "F32"), "F32")).toEqual(values);
      for (const [type, { widen, narrow }] of [
        ["BF16", types[0]!],
        ["F16", types[1]!],
      ] as const)
        expect(decodeNumbers(encodeNumbers(values, type), type)).toEqual(values.map((value) => widen(narrow(value))));
    }),
  );
  expect(() => decodeNumbers(Buffer.alloc(3), "BF16")).toThrow("3 bytes are no whole number of BF16");
});
