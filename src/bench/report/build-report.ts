import { quantiles } from "../../core/statistics/index.ts";
import { modelTitle } from "../../engines/models/model-identity.ts";
import {
  bestOfN,
  calibration,
  lengthExplained,
  type MeasuredItem,
  type ResampleOptions,
  voteAgreement,
} from "../analysis/index.ts";
import type { Benchmark } from "../benchmark.ts";
import { findBenchmark } from "../benchmarks.ts";
import { groupBy } from "../build-result.ts";
import { type BenchRun, findCosmeticRuns, readRun } from "../run/index.ts";
import { styleMatrix } from "../style-matrix.ts";
import { type CollectedBenchmark, type CollectedCost, type CollectedRun, collectRun } from "./collect-run.ts";
import { controlRows, shiftReport } from "./control-report.ts";
import { type ControlRun, openControlRun } from "./control-run.ts";
import { pairwiseReport } from "./pairwise-report.ts";
import { publishedFor } from "./published-numbers.ts";
import {
  type BenchmarkReport,
  type CostReport,
  type Report,
  type ReportScore,
  type RunSummary,
  reportScores,
} from "./report.ts";
import { runNotes } from "./run-notes.ts";
import { scoreReport } from "./score-report.ts";

export interface BuildReportOptions extends Omit<ResampleOptions, "seed" | "level"> {
  /** Of the intervals. Default 0. */
  seed?: number;
  /**
   * Further runs of the same items with changed responses (`bench run --control`), beside the cosmetic changes that are
   * in the run directory.
   */
  controlRuns?: string[];
  /** Finds benchmarks by name. Default: the registry. */
  find?: (name: string) => Benchmark;
}

/**
 * Everything that can be said of a run directory, from its files alone. Deterministic: the same run gives the same
 * report. Throws `InputError` for what is no benchmark run, and for a control run that is none of it.
 */
export async function buildReport(directory: string, options: BuildReportOptions = {}): Promise<Report> {
  const opened = await readRun(directory);
  const { signal, onProgress, seed = 0, resamples = 2_000, find = findBenchmark } = options;
  const collected = await collectRun(opened, signal);
  const base = { run: opened.run, collected };
  const changed = [...(await findCosmeticRuns(directory)), ...(options.controlRuns ?? [])];
  const controls = await Promise.all(changed.map((path) => openControlRun(path, base, signal)));
  const progress = overallProgress(collected, resamples, onProgress);
  const resampling: ResampleOptions = { seed, resamples, level: 0.95, signal, onProgress: progress.report };
  const context = { run: opened.run, controls, resampling, finishRound: progress.finishRound };
  const benchmarks: BenchmarkReport[] = [];
  for (const described of opened.run.benchmarks) {
    const own = collected.benchmarks.get(described.name)!;
    const benchmark = find(described.name);
    benchmarks.push(await benchmarkReport(benchmark, described, own, context));
  }
  return {
    kind: "bench-report",
    version: 1,
    run: summaryOf(opened.run),
    notes: runNotes(opened.run, benchmarks),
    resampling: { level: 0.95, resamples, seed },
    benchmarks,
    cost: costOf(collected.cost),
  };
}

/** Resamples done and to do over all numbers of the report: every kind of score of every benchmark is one round. */
function overallProgress(
  collected: CollectedRun,
  resamples: number,
  onProgress: ResampleOptions["onProgress"],
): { report: ResampleOptions["onProgress"]; finishRound: () => void } {
  const kinds = [...collected.benchmarks.values()].flatMap(({ scores }) => Object.values(scores));
  const total = resamples * kinds.filter(({ items }) => items.length > 0).length;
  let before = 0;
  return {
    report: onProgress && ((done) => onProgress(before + done, total)),
    finishRound: () => {
      before += resamples;
    },
  };
}

async function benchmarkReport(
  benchmark: Benchmark,
  described: BenchRun["benchmarks"][number],
  collected: CollectedBenchmark,
  context: { run: BenchRun; controls: ControlRun[]; resampling: ResampleOptions; finishRound: () => void },
): Promise<BenchmarkReport> {
  const { run, controls, resampling } = context;
  const primary = primaryScore(run, collected);
  const scores: BenchmarkReport["scores"] = {};
  for (const kind of reportScores) {
    const { items, reasons } = collected.scores[kind];
    if (items.length === 0) continue;
    scores[kind] = await scoreReport(benchmark, items, reasons, resampling);
    context.finishRound();
  }
  const items = collected.scores[primary].items;
  const scored = items.length > 0;
  const { name, title } = described;
  return {
    name,
    title,
    items: { done: collected.keys.size, asked: described.items, total: described.total },
    scores,
    pairwise: collected.comparisons.length === 0 ? null : pairwiseReport(collected.comparisons, resampling),
    primary,
    calibration: scored && primary !== "verdicts" ? calibration(items) : null,
    votes: votesOf(collected),
    bestOfN: bestOfNCurves(items, resampling),
    styles: name === "rm-bench" ? stylesOf(items) : [],
    controls: scored ? await controlRows(benchmark, items, resampling) : [],
    length: scored ? lengthExplained(items) : null,
    shifts: controls.flatMap(({ control, collected: changed }) => {
      const others = changed.benchmarks.get(name)?.scores[primary].items ?? [];
      return others.length === 0 ? [] : [shiftReport(control, benchmark, items, others, resampling)];
    }),
    published: publishedFor(name),
  };
}

/** The run's own kind of score; the written numbers where expected ones were asked for and the engine gave none. */
function primaryScore(run: BenchRun, { scores }: CollectedBenchmark): ReportScore {
  if (run.mode === "pairwise") return "verdicts";
  return run.score === "expected" && scores.expected.items.length > 0 ? "expected" : "hard";
}

function votesOf({ votes }: CollectedBenchmark): BenchmarkReport["votes"] {
  if (votes.length === 0) return null;
  const { responses: _, ...agreement } = voteAgreement(votes);
  return agreement;
}

/** N = 1, 2, 4, ... and all: as far as every item of the largest group goes. `null` where there is nothing to choose from. */
function bestOfNCurves(items: MeasuredItem[], { seed, resamples, level }: ResampleOptions): BenchmarkReport["bestOfN"] {
  const sizes = items.map(({ scores }) => scores.length);
  // The longest curve on which every point is of the same items.
  const largest = sizes.length === 0 ? 0 : Math.min(...sizes);
  return largest < 3 ? null : bestOfN(items, candidateCounts(largest), { seed, resamples, level });
}

/** 1, 2, 4, ... up to a count, and the count itself. */
export function candidateCounts(largest: number): number[] {
  const powers = Array.from({ length: Math.floor(Math.log2(largest)) + 1 }, (_, power) => 2 ** power);
  return powers.at(-1) === largest ? powers : [...powers, largest];
}

/** RM-Bench's comparison of styles, over all items and by subset. */
function stylesOf(items: MeasuredItem[]): BenchmarkReport["styles"] {
  const groups: [string, MeasuredItem[]][] = [
    ["all items", items],
    ...[...groupBy(items, ({ item }) => item.subset)].sort(([a], [b]) => (a < b ? -1 : 1)),
  ];
  return groups.flatMap(([name, members]) => {
    const matrix = styleMatrix(members.map(({ scores }) => scores));
    return matrix === null ? [] : [{ name, matrix: matrix.matrix, items: members.length }];
  });
}

function summaryOf(run: BenchRun): RunSummary {
  return {
    startedAt: run.startedAt,
    version: run.version,
    engine: run.model.engine,
    model: modelTitle(run.model.model),
    pack: run.pack,
    mode: run.mode,
    score: run.mode === "pairwise" ? "verdicts" : run.score,
    criteriaSamples: run.criteriaSamples,
    evaluations: run.evaluations,
    temperature: run.temperature,
    seed: run.seed,
    limit: run.limit,
    control: run.control,
    data: run.benchmarks.flatMap(({ name, files }) => files.map((file) => ({ benchmark: name, ...file }))),
  };
}

function costOf({ items, responses, evaluations, fromStore, usage, milliseconds }: CollectedCost): CostReport {
  const made = evaluations - fromStore.evaluations;
  const [median] = quantiles(milliseconds, [0.5]);
  return {
    items,
    responses,
    evaluations,
    fromStore,
    usage,
    cachedShare: usage.promptTokens === 0 ? null : usage.cachedPromptTokens / usage.promptTokens,
    outputTokensPerEvaluation: made === 0 ? null : usage.outputTokens / made,
    itemMilliseconds: milliseconds.reduce((sum, value) => sum + value, 0),
    medianItemMilliseconds: median ?? null,
  };
}
