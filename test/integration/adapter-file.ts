import { writeFile } from "node:fs/promises";

/** A low-rank adapter of one weight matrix of a llama model: delta = (alpha / rank) * b a. */
export interface AdapterMatrix {
  /** Name of the weight in the model, such as `blk.0.ffn_down.weight`. */
  weight: string;
  inputs: number;
  outputs: number;
  rank: number;
  /** Row-major, rank x inputs. */
  a: Float32Array;
  /** Row-major, outputs x rank. */
  b: Float32Array;
}

/** Writes a LoRA adapter as llama.cpp's own converter lays it out (GGUF 3, alpha equal to the rank). */
export async function writeAdapter(path: string, matrix: AdapterMatrix): Promise<void> {
  const { weight, inputs, outputs, rank, a, b } = matrix;
  const values = [
    keyed("general.architecture", 8, text("llama")),
    keyed("general.type", 8, text("adapter")),
    keyed("adapter.type", 8, text("lora")),
    keyed("adapter.lora.alpha", 6, f32(rank)),
  ];
  const tensors = [
    Buffer.concat([text(`${weight}.lora_a`), u32(2), u64(inputs), u64(rank), u32(0), u64(0)]),
    Buffer.concat([text(`${weight}.lora_b`), u32(2), u64(rank), u64(outputs), u32(0), u64(aligned(a.byteLength))]),
  ];
  const head = Buffer.concat([
    Buffer.from("GGUF"),
    ...[u32(3), u64(tensors.length), u64(values.length)],
    ...values,
    ...tensors,
  ]);
  await writeFile(path, Buffer.concat([padded(head), padded(bytesOf(a)), padded(bytesOf(b))]));
}

const alignment = 32;

function aligned(length: number): number {
  return Math.ceil(length / alignment) * alignment;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(aligned(bytes.length) - bytes.length)]);
}

function bytesOf(numbers: Float32Array): Buffer {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

function keyed(key: string, type: number, value: Buffer): Buffer {
  return Buffer.concat([text(key), u32(type), value]);
}

function text(value: string): Buffer {
  return Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
