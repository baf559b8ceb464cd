import fc from "fast-check";
import { expect, test } from "vitest";
import { int64Bytes, readFloat32, readInt32, readInt64, toBytes } from "./tensor-bytes.ts";

test("numbers come back from bytes as they were", () => {
  fc.assert(
    fc.property(fc.int32Array(), fc.float32Array(), fc.nat(7), (whole, real, shift) => {
      expect(readInt32(moved(toBytes(whole), shift))).toEqual(whole);
      expect(readFloat32(moved(toBytes(real), shift))).toEqual(real);
      expect(readInt64(moved(int64Bytes(whole), shift))).toEqual([...whole]);
    }),
  );
});

test("bytes are little endian", () => {
  expect([...toBytes(Int32Array.of(1, -2))]).toEqual([1, 0, 0, 0, 254, 255, 255, 255]);
  expect([...toBytes(Float32Array.of(1))]).toEqual([0, 0, 128, 63]);
  expect([...int64Bytes(Int32Array.of(-1, 258))]).toEqual([...new Array(8).fill(255), 2, 1, 0, 0, 0, 0, 0, 0]);
});

test("a part of an array gives its bytes alone", () => {
  expect([...toBytes(Int32Array.of(1, 2, 3).subarray(1, 2))]).toEqual([2, 0, 0, 0]);
});

test("half a number is none", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(readInt32(bytes) === undefined).toBe(bytes.length % 4 !== 0);
      expect(readFloat32(bytes) === undefined).toBe(bytes.length % 4 !== 0);
    }),
  );
  expect(readInt64(new Uint8Array(9))).toBeUndefined();
  expect(readInt64(new Uint8Array(8).fill(127))).toBeUndefined();
});

/** The same bytes at another place of a buffer, as slices of a message lie. */
function moved(bytes: Uint8Array, shift: number): Uint8Array {
  const buffer = new Uint8Array(bytes.length + shift);
  buffer.set(bytes, shift);
  return buffer.subarray(shift);
}
