import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { shardPaths } from "./gguf-shards.ts";

const endBytes = 1 << 20;

/** A LoRA adapter and the factor its weights are added with. */
export interface AdapterFile {
  path: string;
  scale: number;
}

/**
 * What names the weights in cache keys: for the model (every shard of it) and each adapter in order, the file's own name,
 * its size and a SHA-256 over its first and last MiB. Two files of equal size that differ only in between have the same identity.
 * Takes milliseconds; rejects with the system's error where a file cannot be read.
 */
export async function modelIdentity(path: string, adapters: readonly AdapterFile[] = []): Promise<string> {
  const model = await fileIdentity(shardPaths(path));
  const parts = await Promise.all(
    adapters.map(async ({ path: adapter, scale }) => `${await fileIdentity([adapter])}@${scale}`),
  );
  return [model, ...parts].join("+");
}

async function fileIdentity(paths: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  let size = 0;
  for (const path of paths) {
    const file = await open(path, "r");
    try {
      const bytes = (await file.stat()).size;
      // The size goes into the hash too, so that the borders between shards count.
      hash.update(`${bytes}:`);
      hash.update(await readAt(file, 0, Math.min(endBytes, bytes)));
      hash.update(await readAt(file, Math.max(0, bytes - endBytes), Math.min(endBytes, bytes)));
      size += bytes;
    } finally {
      await file.close();
    }
  }
  return `${basename(paths[0]!)}:${size}:${hash.digest("hex")}`;
}

async function readAt(file: Awaited<ReturnType<typeof open>>, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** A model's name for people: an identity of weights without its size and checksum. */
export function modelTitle(model: string): string {
  return model.replace(/(\.gguf):\d+:[0-9a-f]{64}/g, "$1");
}
