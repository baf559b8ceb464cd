import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";

/** SHA-256 (hex) of a file. `onBytes` gets the number of bytes read so far. */
export async function hashFile(path: string, signal?: AbortSignal, onBytes?: (bytes: number) => void): Promise<string> {
  const hash = createHash("sha256");
  await hashInto(hash, path, signal, onBytes);
  return hash.digest("hex");
}

/** Adds a file's bytes to a hash. Rejects with the signal's reason. */
export async function hashInto(
  hash: Hash,
  path: string,
  signal?: AbortSignal,
  onBytes?: (bytes: number) => void,
): Promise<void> {
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    hash.update(chunk);
    bytes += chunk.length;
    onBytes?.(bytes);
  }
}
