import type { TensorInfo } from "./safetensors-file.ts";
import { type TensorData, writeTensorFile } from "./write-tensor-file.ts";

/** A tensor of a safetensors file that is to be written. */
export type TensorToWrite = TensorInfo & TensorData;

/** Writes a safetensors file; it appears under its name when it is complete. */
export function writeSafetensors(
  path: string,
  tensors: readonly TensorToWrite[],
  metadata: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<void> {
  return writeTensorFile(path, headerOf(tensors, metadata), tensors, { signal });
}

function headerOf(tensors: readonly TensorInfo[], metadata: Record<string, string>): Buffer {
  const header: Record<string, unknown> = Object.keys(metadata).length === 0 ? {} : { __metadata__: metadata };
  let offset = 0;
  for (const { name, type, shape, bytes } of tensors) {
    header[name] = { dtype: type, shape, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  const json = Buffer.from(JSON.stringify(header));
  // Spaces at its end align the data to eight bytes.
  const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, " ")]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded]);
}
