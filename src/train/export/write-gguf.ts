import { ggufAlignment, ggufMagic, ggufTensorType, ggufValueType } from "../../engines/models/gguf-types.ts";
import type { NumberType } from "./number-types.ts";
import { type TensorData, writeTensorFile } from "./write-tensor-file.ts";

/** A value of GGUF metadata, by its type. */
export type GgufValue =
  | { string: string }
  | { uint32: number }
  | { float32: number }
  | { bool: boolean }
  | { strings: readonly string[] }
  | { int32s: readonly number[] };

/** A tensor of a GGUF file that is to be written. */
export interface GgufTensor extends TensorData {
  type: NumberType;
  /** Lengths of the axes as in PyTorch, the last one contiguous; the file states them the other way round. */
  shape: readonly number[];
}

/** Writes a GGUF file (version 3, little-endian); it appears under its name when it is complete. */
export function writeGguf(
  path: string,
  metadata: Record<string, GgufValue>,
  tensors: readonly GgufTensor[],
  signal?: AbortSignal,
): Promise<void> {
  return writeTensorFile(path, padded(header(metadata, tensors)), tensors, { layOut: padded, signal });
}

function header(metadata: Record<string, GgufValue>, tensors: readonly GgufTensor[]): Buffer {
  const entries = Object.entries(metadata);
  const parts = [Buffer.from(ggufMagic), u32(3), u64(tensors.length), u64(entries.length)];
  for (const [key, value] of entries) parts.push(text(key), encodeValue(value));
  let offset = 0;
  for (const { name, type, shape, bytes } of tensors) {
    const lengths = [...shape].reverse().map(u64);
    parts.push(text(name), u32(shape.length), ...lengths, u32(ggufTensorType[type]), u64(offset));
    offset += bytes + paddingOf(bytes);
  }
  return Buffer.concat(parts);
}

function encodeValue(value: GgufValue): Buffer {
  if ("string" in value) return Buffer.concat([u32(ggufValueType.string), text(value.string)]);
  if ("uint32" in value) return Buffer.concat([u32(ggufValueType.uint32), u32(value.uint32)]);
  if ("float32" in value) return Buffer.concat([u32(ggufValueType.float32), f32(value.float32)]);
  if ("bool" in value) return Buffer.concat([u32(ggufValueType.bool), Buffer.from([Number(value.bool)])]);
  if ("strings" in value) return array(ggufValueType.string, value.strings.map(text));
  return array(ggufValueType.int32, value.int32s.map(i32));
}

function array(type: number, items: Buffer[]): Buffer {
  return Buffer.concat([u32(ggufValueType.array), u32(type), u64(items.length), ...items]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([u64(bytes.length), bytes]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function i32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function paddingOf(bytes: number): number {
  return (ggufAlignment - (bytes % ggufAlignment)) % ggufAlignment;
}

function padded(bytes: Buffer): Buffer {
  const padding = paddingOf(bytes.length);
  return padding === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(padding)]);
}
