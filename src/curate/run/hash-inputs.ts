import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { listDataFiles } from "../../data/list-data-files.ts";
import { fileError } from "../../data/read-bytes.ts";

/** A file that a run depends on. */
export interface HashedFile {
  /** As in ids. */
  name: string;
  bytes: number;
  /** Hex. */
  sha256: string;
}

/** The files that paths name, and those in the folders among them, with their hashes. */
export async function hashFiles(paths: readonly string[], signal?: AbortSignal): Promise<HashedFile[]> {
  const files = await listDataFiles(paths);
  const hashed: HashedFile[] = [];
  for (const { name, path } of files) {
    const hash = createHash("sha256");
    try {
      for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal }))
        hash.update(chunk as Buffer);
      hashed.push({ name, bytes: (await stat(path)).size, sha256: hash.digest("hex") });
    } catch (error) {
      signal?.throwIfAborted();
      throw fileError(error, path);
    }
  }
  return hashed;
}
