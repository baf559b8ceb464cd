import { open, rename, rm } from "node:fs/promises";
import type { TensorInfo } from "./safetensors-file.ts";

/** A tensor to be written; its data is asked for when its turn comes, so that one at a time is in memory. */
export interface TensorToWrite extends TensorInfo {
  data(): Promise<Buffer>;
}

/** Writes a safetensors file; it appears under its name when it is complete. */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorToWrite[],
  metadata: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<void> {
  const temporary = `${path}.part`;
  try {
    const file = await open(temporary, "w");
    try {
      await file.writeFile(headerOf(tensors, metadata));
      for (const tensor of tensors) {
        signal?.throwIfAborted();
        const data = await tensor.data();
        if (data.length !== tensor.bytes)
          throw new Error(`${tensor.name}: got ${data.length} bytes, expected ${tensor.bytes}`);
        await file.writeFile(data);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
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
