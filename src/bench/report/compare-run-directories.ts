import { InputError } from "../../core/errors.ts";
import { modelTitle } from "../../engines/models/model-identity.ts";
import { compareRuns, type MeasuredItem, type ResampleOptions, type RunComparison } from "../analysis/index.ts";
import type { Benchmark } from "../benchmark.ts";
import { findBenchmark } from "../benchmarks.ts";
import { type OpenedRun, readRun, type ScoreKind } from "../run/index.ts";
import { type CollectedBenchmark, type CollectedRun, collectRun } from "./collect-run.ts";
import { pairOutcomes, pairScorer } from "./pair-outcomes.ts";
import type { ReportScore } from "./report.ts";

export interface CompareDirectoriesOptions extends Omit<ResampleOptions, "seed"> {
  /** Of intervals and tests. Default 0. */
  seed?: number;
  /** Which scores of pointwise runs. Default: each run's own kind. */
  score?: ScoreKind;
  /** Finds benchmarks by name. Default: the registry. */
  find?: (name: string) => Benchmark;
}

/** A run that is compared. */
export interface ComparedRun {
  directory: string;
  model: string;
  pack: string;
  mode: string;
  score: ReportScore;
  control: string | null;
}

/**
 * What the runs are compared on: the benchmark's own numbers, or its pairs alone, where one of the runs compared responses
 * and the benchmark's items have more than two of them.
 */
export type ComparedOver = "benchmark" | "pairs";

/** Every run after the first against the first, on each benchmark that both have. */
export interface RunsComparison {
  kind: "bench-comparison";
  version: 1;
  runs: ComparedRun[];
  benchmarks: {
    name: string;
    title: string;
    /** `b`, an index of `runs`, against the first run. Differences are b less the first. */
    comparisons: { b: number; over: ComparedOver; result: RunComparison }[];
  }[];
}

interface LoadedRun {
  opened: OpenedRun;
  collected: CollectedRun;
  score: ReportScore;
}

/**
 * Compares runs with the first of them, paired over their common items. Throws `InputError` for fewer than two, for runs
 * without a common benchmark or item, and where the items are not of the same data.
 */
export async function compareRunDirectories(
  directories: string[],
  options: CompareDirectoriesOptions = {},
): Promise<RunsComparison> {
  const { score, seed = 0, find = findBenchmark, ...resampling } = options;
  if (directories.length < 2)
    throw new InputError(`got ${directories.length}, expected two or more run directories`, { field: "run" });
  const runs: LoadedRun[] = [];
  for (const directory of directories) runs.push(await loadRun(directory, score, options.signal));
  const [first, ...others] = runs as [LoadedRun, ...LoadedRun[]];
  const pairs = first.opened.run.benchmarks.flatMap((benchmark) => commonItems(benchmark, first, others));
  const alone = others.findIndex((_, index) => pairs.every(({ b }) => b !== index + 1));
  if (alone !== -1)
    throw new InputError("has no item in common with the first run; compare runs on the same benchmarks and sample", {
      file: directories[alone + 1],
    });
  const found = new Map<string, RunsComparison["benchmarks"][number]>();
  const { resamples = 2_000 } = resampling;
  for (const [done, { name, title, b, over, items }] of pairs.entries()) {
    const onProgress =
      resampling.onProgress &&
      ((own: number) => resampling.onProgress!(done * resamples + own, pairs.length * resamples));
    const scorer = over === "pairs" ? pairScorer(name) : find(name);
    const result = await compareRuns(scorer, ...items, { seed, ...resampling, resamples, onProgress });
    const benchmark = found.get(name) ?? { name, title, comparisons: [] };
    benchmark.comparisons.push({ b, over, result });
    found.set(name, benchmark);
  }
  const benchmarks = [...found.values()];
  return { kind: "bench-comparison", version: 1, runs: runs.map(describe), benchmarks };
}

async function loadRun(directory: string, score: ScoreKind | undefined, signal?: AbortSignal): Promise<LoadedRun> {
  const opened = await readRun(directory);
  const { mode, score: own } = opened.run;
  const kind = mode === "pairwise" ? "verdicts" : (score ?? own);
  const collected = await collectRun(opened, signal);
  const isEmpty = ({ scores, comparisons }: CollectedBenchmark) =>
    (kind === "verdicts" ? comparisons : scores[kind].items).length === 0;
  if ([...collected.benchmarks.values()].every(isEmpty))
    throw new InputError(`has no ${kind === "verdicts" ? "verdicts" : `${kind} scores`} to compare`, {
      file: directory,
    });
  return { opened, collected, score: kind };
}

/** The first run's items of a benchmark with those of every run that has some of the same. */
function commonItems({ name, title }: { name: string; title: string }, first: LoadedRun, others: LoadedRun[]) {
  return others.flatMap((other, index) => {
    const over: ComparedOver = [first, other].some((run) => onlyCompares(run, name)) ? "pairs" : "benchmark";
    const [a, b] = [itemsOf(first, name, over), itemsOf(other, name, over)];
    const keys = new Set(b.map(({ item }) => item.key));
    const items: [MeasuredItem[], MeasuredItem[]] = [a, b];
    return a.some(({ item }) => keys.has(item.key)) ? [{ name, title, b: index + 1, over, items }] : [];
  });
}

/** Whether a run has verdicts on a benchmark's pairs that make no scores of its responses. */
function onlyCompares({ collected, score }: LoadedRun, benchmark: string): boolean {
  const own = collected.benchmarks.get(benchmark);
  return score === "verdicts" && own !== undefined && own.scores.verdicts.items.length < own.comparisons.length;
}

function itemsOf({ collected, score }: LoadedRun, benchmark: string, over: ComparedOver): MeasuredItem[] {
  const own = collected.benchmarks.get(benchmark);
  if (own === undefined) return [];
  return over === "pairs" ? pairOutcomes(own, score) : own.scores[score].items;
}

function describe({ opened: { run }, score }: LoadedRun): ComparedRun {
  const { directory, pack, mode, control } = run;
  return { directory, model: modelTitle(run.model.model), pack, mode, score, control };
}
