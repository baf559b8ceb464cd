/** Arrays of numbers as the wire has them: little endian, one after another, whatever the machine's own order is. */
type NumberArray = Int32Array | Float32Array | BigInt64Array;

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** Bytes of an array; a view of it where the machine has the wire's order. */
export function toBytes(values: NumberArray): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return littleEndian ? bytes : swapped(bytes, values.BYTES_PER_ELEMENT);
}

/** Bytes of token ids as 64-bit integers. */
export function int64Bytes(values: Int32Array): Uint8Array {
  return toBytes(BigInt64Array.from(values, BigInt));
}

/** Reads int32. Undefined where the number of bytes is none of a whole array, as in the readers below. */
export function readInt32(bytes: Uint8Array): Int32Array | undefined {
  const aligned = alignedBytes(bytes, 4);
  return aligned && new Int32Array(aligned);
}

/** Reads float32. */
export function readFloat32(bytes: Uint8Array): Float32Array | undefined {
  const aligned = alignedBytes(bytes, 4);
  return aligned && new Float32Array(aligned);
}

/** Reads int64 that are exact as numbers; undefined where one is not. */
export function readInt64(bytes: Uint8Array): number[] | undefined {
  const aligned = alignedBytes(bytes, 8);
  const values = aligned && Array.from(new BigInt64Array(aligned), Number);
  return values?.every(Number.isSafeInteger) ? values : undefined;
}

/** A copy in the machine's order that starts at a multiple of the element size. */
function alignedBytes(bytes: Uint8Array, size: number): ArrayBuffer | undefined {
  if (bytes.length % size !== 0) return undefined;
  return (littleEndian ? Uint8Array.from(bytes) : swapped(bytes, size)).buffer as ArrayBuffer;
}

function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const result = Uint8Array.from(bytes);
  for (let start = 0; start < result.length; start += size) result.subarray(start, start + size).reverse();
  return result;
}
