import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PreferencePair } from "../core/preference-pair.ts";
import { temporaryFolder } from "../data/test-helpers.ts";
import { readRecipe } from "./recipe/read-recipe.ts";
import { RowStore } from "./rows/row-store.ts";
import { type CurateOptions, curate } from "./run/curate.ts";
import type { StageRecord } from "./run/run-stage.ts";
import { stages } from "./stages/stages.ts";

/** A pair with the given parts; the rest is made of its id. For tests. */
export function pairOf(id: string, parts: Partial<PreferencePair> & { prompt?: string } = {}): PreferencePair {
  const { prompt = `What is there to say about number ${id}?`, ...rest } = parts;
  return {
    id,
    messages: [{ role: "user", content: prompt }],
    chosen: `The good answer to ${id}.`,
    rejected: `A worse answer to ${id}.`,
    source: "test",
    ...rest,
  };
}

/** A row that was dropped. */
export interface DroppedRow {
  id: string;
  name: string;
  reason: string;
  detail: string | null;
  other: string | null;
}

export interface Curated {
  directory: string;
  /** The pairs of each split, in order. */
  splits: Record<string, PreferencePair[]>;
  dropped: DroppedRow[];
  stages: StageRecord[];
  hash: string;
}

/** Writes pairs, and a recipe for them, into a folder. */
export async function writeRecipe(
  folder: string,
  pairs: readonly PreferencePair[],
  recipe: Record<string, unknown>,
): Promise<string> {
  await writeFile(join(folder, "pairs.jsonl"), pairs.map((pair) => `${JSON.stringify(pair)}\n`).join(""));
  const file = join(folder, "recipe.yaml");
  const whole = { name: "test", inputs: [{ path: "pairs.jsonl", preset: "normal", name: "test" }], ...recipe };
  await writeFile(file, JSON.stringify(whole));
  return file;
}

/** Runs a recipe file and reads what came of it. */
export async function runRecipe(
  file: string,
  directory: string,
  options: Partial<CurateOptions> = {},
): Promise<Curated> {
  const result = await curate(await readRecipe(file, stages), { directory, threads: 1, version: "test", ...options });
  const splits: Curated["splits"] = {};
  for (const { split, jsonl } of result.outputs.splits)
    splits[split] = (await readFile(join(directory, jsonl), "utf8"))
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as PreferencePair);
  await using rows = await RowStore.open(directory);
  const dropped = await rows.query<DroppedRow>(
    "SELECT r.id, s.name, d.reason, d.detail, o.id AS other FROM drops d JOIN rows r USING (n) JOIN stages s ON s.stage = d.stage LEFT JOIN rows o ON o.n = d.other ORDER BY d.stage, d.n",
  );
  return { directory, splits, dropped, stages: result.stages, hash: result.outputs.hash };
}

/** Curates pairs with some stages, without splits, and without the report. */
export async function curatePairs(
  pairs: readonly PreferencePair[],
  stageList: unknown[],
  more: { recipe?: Record<string, unknown>; options?: Partial<CurateOptions> } = {},
): Promise<Curated & { kept: string[] }> {
  const folder = await temporaryFolder();
  const outputs = { report: false, parquet: false };
  const file = await writeRecipe(folder, pairs, { stages: stageList, outputs, ...more.recipe });
  const curated = await runRecipe(file, join(folder, "run"), more.options);
  return { ...curated, kept: Object.values(curated.splits).flatMap((split) => split.map(({ id }) => id)) };
}
