import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { StageRecord } from "./run-stage.ts";

/** Writes stages.jsonl: a line for each stage that is done, for whoever watches the run. */
export async function writeStages(directory: string, records: readonly StageRecord[]): Promise<void> {
  const file = join(directory, "stages.jsonl");
  await writeFile(`${file}.tmp`, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  await rename(`${file}.tmp`, file);
}
