import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { collect } from "../data/test-helpers.ts";
import type { BenchItem, Benchmark, BenchResult, ItemScores, LoadOptions } from "./benchmark.ts";

/** Writes rows as JSON Lines, or as one JSON array where the name ends in `.json`. Returns the path. For tests. */
export async function writeRows(folder: string, name: string, rows: unknown[]): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  const text = name.endsWith(".json")
    ? JSON.stringify(rows, null, 1)
    : rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  await writeFile(path, text);
  return path;
}

/** All items of a path. For tests. */
export function loadAll(benchmark: Benchmark, path: string, options: LoadOptions = {}): Promise<BenchItem[]> {
  return collect(benchmark.load(path, options));
}

/** The benchmark's result on a path, with the scores that `scoresOf` gives. For tests. */
export async function scoreWith(
  benchmark: Benchmark,
  path: string,
  scoresOf: (item: BenchItem, index: number) => ItemScores,
): Promise<BenchResult> {
  const items = await loadAll(benchmark, path);
  return benchmark.score(items.map((item, index) => ({ item, scores: scoresOf(item, index) })));
}

/** Values of a result's sections by name. For tests. */
export function sectionValues(result: BenchResult): Record<string, number | null> {
  return Object.fromEntries(result.sections.map(({ name, value }) => [name, value]));
}
