import { join } from "node:path";
import { replaceFile } from "../../data/replace-file.ts";
import type { StageRecord } from "./run-stage.ts";

/** Writes stages.jsonl: a line for each stage that is done, for whoever watches the run. */
export async function writeStages(directory: string, records: readonly StageRecord[]): Promise<void> {
  const file = join(directory, "stages.jsonl");
  await replaceFile(file, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
}
