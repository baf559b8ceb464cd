/** How numbers of tensors are stored. */
export type NumberType = "F32" | "F16" | "BF16";

/** Bytes of one number. */
export const numberBytes: Record<NumberType, number> = { F32: 4, F16: 2, BF16: 2 };

const one = new Float32Array(1);
const bits = new Uint32Array(one.buffer);

/** The numbers of a little-endian tensor as float32: exact, every narrower type is a part of it. */
export function decodeNumbers(bytes: Buffer, type: NumberType): Float32Array {
  const size = numberBytes[type];
  if (bytes.length % size !== 0) throw new RangeError(`${bytes.length} bytes are no whole number of ${type}`);
  const values = new Float32Array(bytes.length / size);
  if (type === "F32") for (let index = 0; index < values.length; index++) values[index] = bytes.readFloatLE(4 * index);
  else {
    const widen = type === "BF16" ? bfloat16ToFloat32 : float16ToFloat32;
    for (let index = 0; index < values.length; index++) values[index] = widen(bytes.readUInt16LE(2 * index));
  }
  return values;
}

/** float32 numbers as a little-endian tensor, rounded to the nearest of the type (of two, to the even one). */
export function encodeNumbers(values: Float32Array, type: NumberType): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * numberBytes[type]);
  if (type === "F32") for (let index = 0; index < values.length; index++) bytes.writeFloatLE(values[index]!, 4 * index);
  else {
    const narrow = type === "BF16" ? float32ToBfloat16 : float32ToFloat16;
    for (let index = 0; index < values.length; index++) bytes.writeUInt16LE(narrow(values[index]!), 2 * index);
  }
  return bytes;
}

/** The number of a bfloat16 pattern: the upper half of a float32. */
export function bfloat16ToFloat32(pattern: number): number {
  bits[0] = pattern << 16;
  return one[0]!;
}

/** The bfloat16 pattern nearest to a number, of two the even one. */
export function float32ToBfloat16(value: number): number {
  one[0] = value;
  const pattern = bits[0]!;
  // A NaN whose mantissa is in the lower half alone must not become infinite.
  if (Number.isNaN(value)) return (pattern >>> 16) | 0x40;
  return ((pattern + 0x7fff + ((pattern >>> 16) & 1)) >>> 16) & 0xffff;
}

/** The number of an IEEE 754 half-precision pattern. */
export function float16ToFloat32(pattern: number): number {
  const sign = pattern & 0x8000 ? -1 : 1;
  const exponent = (pattern >>> 10) & 0x1f;
  const mantissa = pattern & 0x3ff;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

/** The IEEE 754 half-precision pattern nearest to a number, of two the even one; infinite beyond 65,520. */
export function float32ToFloat16(value: number): number {
  one[0] = value;
  const pattern = bits[0]!;
  const sign = (pattern >>> 16) & 0x8000;
  const magnitude = Math.abs(one[0]!);
  if (Number.isNaN(magnitude)) return sign | 0x7e00;
  if (magnitude >= 65_520) return sign | 0x7c00;
  // Below 2^-14 numbers are multiples of 2^-24; above, of a 1024th of their power of two. Both divisions are exact.
  const exponent = magnitude < 2 ** -14 ? -14 : ((pattern >>> 23) & 0xff) - 127;
  const steps = roundHalfEven(magnitude / 2 ** (exponent - 10));
  const base = magnitude < 2 ** -14 ? 0 : (exponent + 14) << 10;
  // A carry out of the mantissa goes into the exponent, which is the next power of two.
  return sign | (base + steps);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
