import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { z } from "zod";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What is kept on disk about a pulled model, one JSON file each. Unknown members are of a newer version and are kept out of the way. */
export const modelRecordSchema = z.object({
  name: z.string().regex(/^[A-Za-z0-9][\w.-]*$/),
  /** Where it came from, as precisely as it is known: `hf:owner/repo/file@commit`, `pypi:package==version/file`, `file:PATH`. */
  source: z.string(),
  /** The shards in order; paths relative to the models directory, or absolute for files that were not copied. */
  files: z.array(z.object({ path: z.string(), bytes: z.number().int().nonnegative(), sha256 })).min(1),
  pulledAt: z.string(),
  architecture: z.string(),
  parameterCount: z.number().nonnegative(),
  contextLength: z.number().optional(),
  license: z.string().optional(),
});

export type ModelRecord = z.infer<typeof modelRecordSchema>;

/** A model that is on this machine. */
export interface PulledModel {
  name: string;
  /** Absolute path of the GGUF file; of the first shard where the model is split. */
  path: string;
  /** Size of all files. */
  bytes: number;
  /** SHA-256 (hex) of the file; of a split model: of its files' SHA-256 values, one a line. */
  sha256: string;
  source: string;
  /** ISO 8601. */
  pulledAt: string;
  architecture: string;
  /** Number of weights of all files. */
  parameterCount: number;
  /** In tokens. */
  contextLength?: number;
  license?: string;
}

/** The model of a record that lies in `directory`. */
export function modelOfRecord(record: ModelRecord, directory: string): PulledModel {
  const { files, ...rest } = record;
  return {
    ...rest,
    path: recordFilePath(directory, files[0]!.path),
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    sha256: joinHashes(files.map((file) => file.sha256)),
  };
}

/** Absolute path of a file of a record. */
export function recordFilePath(directory: string, path: string): string {
  return resolve(directory, path);
}

/** One SHA-256 for the files of a model. */
export function joinHashes(hashes: readonly string[]): string {
  if (hashes.length === 1) return hashes[0]!;
  return createHash("sha256")
    .update(hashes.map((hash) => `${hash}\n`).join(""))
    .digest("hex");
}
