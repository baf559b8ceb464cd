import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../../engines/engine.ts";
import { loadPack } from "../../prompts/load-pack.ts";
import { benchRows } from "../bench-rows.ts";
import type { Benchmark } from "../benchmark.ts";
import { buildResult } from "../build-result.ts";
import { correctFirst, makeItem } from "../make-item.ts";
import { countPairs, pairAccuracy } from "../pair-accuracy.ts";
import { chooseItems } from "./choose-items.ts";
import { type RunBenchOptions, runBench } from "./run-bench.ts";

export interface ToyRow {
  query: string;
  responses: string[];
  /** How many of the first are good. Default 1. */
  good?: number;
  subset?: string;
  cluster?: string;
}

/** A benchmark of JSON Lines rows as above. */
export function toyBenchmark(name: string): Benchmark {
  return {
    name,
    title: `Toy ${name}`,
    order: "[good..., bad...]",
    source: { url: "https://example.org", license: "none" },
    async *load(path, { signal } = {}) {
      for await (const row of benchRows(path, { signal })) {
        const { query, responses, good = 1, subset = "all", cluster } = row.value as unknown as ToyRow;
        const labels = correctFirst(good, responses.length - good);
        yield makeItem(row, { subset, cluster, query, responses, ...labels, label: { good } });
      }
    },
    score(items) {
      const { strict } = pairAccuracy(countPairs(items));
      return buildResult(name, items, {
        headline: { name: "strict", value: strict, tieRule: "0" },
        sections: [],
        subsetValue: (members) => pairAccuracy(countPairs(members)).strict,
        unscoredRule: "wrong",
      });
    },
  };
}

/** Rows with two responses that end in their scores. */
export function toyRows(count: number, start = 0): ToyRow[] {
  return Array.from({ length: count }, (_, index) => ({
    query: `Question ${start + index}?`,
    responses: [`Good answer ${start + index}, worth 9`, `Bad answer ${start + index}, worth ${(start + index) % 10}`],
    subset: index % 2 === 0 ? "even" : "odd",
  }));
}

export const pack = await loadPack("default");

/** A folder of one test. */
export async function runFolder() {
  const path = await mkdtemp(join(tmpdir(), "cerm-bench-run-"));
  const lines = async (name: string) => (await readFile(join(path, name), "utf8")).split("\n").slice(0, -1);
  return {
    path,
    out: join(path, "run"),
    async data(name: string, rows: ToyRow[]): Promise<{ benchmark: Benchmark; path: string }> {
      const file = join(path, `${name}.jsonl`);
      await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
      return { benchmark: toyBenchmark(name), path: file };
    },
    lines,
    json: async (name: string) => (await lines(name)).map((line): Record<string, unknown> => JSON.parse(line)),
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

export interface ToyRunOptions extends Partial<Omit<RunBenchOptions, "chosen" | "judge">> {
  seed?: number;
  judge?: Partial<RunBenchOptions["judge"]>;
}

/** Chooses items of the data and judges them on an engine. */
export async function toyRun<E extends Engine>(
  out: string,
  found: Parameters<typeof chooseItems>[0],
  engine: E,
  options: ToyRunOptions = {},
) {
  const { seed = 0, judge, ...rest } = options;
  const chosen = await chooseItems(found, { limit: rest.limit, seed });
  const settings = { engine, pack, seed, now: () => 0, ...judge };
  const progress = await runBench({ out, version: "0.0.0", mode: "unified", ...rest, chosen, judge: settings });
  return { engine, progress };
}
