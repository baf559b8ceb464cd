import { writeGguf } from "../../src/train/export/write-gguf.ts";

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

/** Writes a LoRA adapter as llama.cpp's own converter lays it out (alpha equal to the rank). */
export async function writeAdapter(path: string, matrix: AdapterMatrix): Promise<void> {
  const { weight, inputs, outputs, rank, a, b } = matrix;
  const metadata = {
    "general.architecture": { string: "llama" },
    "general.type": { string: "adapter" },
    "adapter.type": { string: "lora" },
    "adapter.lora.alpha": { float32: rank },
  };
  await writeGguf(path, metadata, [
    tensor(`${weight}.lora_a`, [rank, inputs], a),
    tensor(`${weight}.lora_b`, [outputs, rank], b),
  ]);
}

function tensor(name: string, shape: readonly number[], numbers: Float32Array) {
  const bytes = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  return { name, type: "F32" as const, shape, bytes: bytes.length, data: () => Promise.resolve(bytes) };
}
