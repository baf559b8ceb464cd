import { createHash } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Recipe } from "../recipe/recipe.ts";
import type { RowStore } from "../rows/row-store.ts";
import type { CurateRun } from "../run/run-file.ts";
import type { StageRecord } from "../run/run-stage.ts";
import { type SplitName, splitNames } from "../splits/split-rows.ts";

/** A file of the training set. */
export interface WrittenSplit {
  split: SplitName;
  rows: number;
  /** File names in the run's folder. */
  jsonl: string;
  parquet: string | undefined;
  /** Of the JSON Lines file, hex. */
  sha256: string;
}

export interface WrittenOutputs {
  splits: WrittenSplit[];
  /** SHA-256 (hex) over the splits' hashes: the same for the same rows in the same splits. */
  hash: string;
}

export interface OutputParts {
  directory: string;
  run: CurateRun;
  rows: RowStore;
  recipe: Recipe;
  records: readonly StageRecord[];
}

/** Writes the splits as JSON Lines and Parquet. Every file is there as a whole or not at all. */
export async function writeOutputs({ directory, rows, recipe }: OutputParts): Promise<WrittenOutputs> {
  const splits: WrittenSplit[] = [];
  // One thread writes a Parquet file in one way.
  await rows.writer.run("SET threads = 1");
  for (const split of splitNames) {
    const [{ count } = { count: 0n }] = await rows.query<{ count: bigint }>(
      `SELECT count(*) AS count FROM splits WHERE split = '${split}'`,
    );
    if (count === 0n) continue;
    const jsonl = `${split}.jsonl`;
    const sha256 = await writeJsonLines(rows, split, join(directory, jsonl));
    const parquet = recipe.outputs.parquet ? `${split}.parquet` : undefined;
    if (parquet !== undefined) await writeParquet(rows, split, join(directory, parquet));
    splits.push({ split, rows: Number(count), jsonl, parquet, sha256 });
  }
  const hash = createHash("sha256");
  for (const { split, sha256 } of splits) hash.update(`${split} ${sha256}\n`);
  return { splits, hash: hash.digest("hex") };
}

/** Writes a split; gives the file's SHA-256. */
async function writeJsonLines(rows: RowStore, split: SplitName, path: string): Promise<string> {
  const hash = createHash("sha256");
  const file = await open(`${path}.tmp`, "w");
  try {
    const where = `stage = 0 AND n IN (SELECT n FROM splits WHERE split = '${split}')`;
    const columns = ["id", "messages", "chosen", "rejected", "source", "strength", "domain"] as const;
    for await (const batch of rows.scan(columns, { where, joins: true })) {
      let lines = "";
      for (let at = 0; at < batch.n.length; at++) {
        const [strength, domain] = [batch.strength[at], batch.domain[at]];
        // The members of a `PreferencePair` in their order; the conversation is JSON already.
        lines += `{"id":${JSON.stringify(batch.id[at])},"messages":${batch.messages[at]},"chosen":${JSON.stringify(batch.chosen[at])},"rejected":${JSON.stringify(batch.rejected[at])},"source":${JSON.stringify(batch.source[at])}`;
        if (strength !== null) lines += `,"strength":${JSON.stringify(strength)}`;
        if (domain !== null) lines += `,"domain":${JSON.stringify(domain)}`;
        lines += "}\n";
      }
      hash.update(lines);
      await file.writeFile(lines);
    }
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
  return hash.digest("hex");
}

async function writeParquet(rows: RowStore, split: SplitName, path: string): Promise<void> {
  const part = `${path}.tmp`;
  await rm(part, { force: true });
  const columns = `id, from_json(messages, '[{"role":"VARCHAR","content":"VARCHAR"}]') AS messages, chosen, rejected, source, strength, domain`;
  const chosen = `SELECT ${columns} FROM rows JOIN splits USING (n) WHERE split = '${split}' ORDER BY n`;
  await rows.writer.run(`COPY (${chosen}) TO '${part.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`);
  await rename(part, path);
}
