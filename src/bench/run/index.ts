export { type BenchMode, benchModes } from "./bench-mode.ts";
export { type ChooseOptions, type ChosenItems, chooseItems, type DataFileIdentity } from "./choose-items.ts";
export { applyControl, type Control, controlNames, controls } from "./controls.ts";
export { type CosmeticRunsOptions, findCosmeticRuns, runCosmeticChanges } from "./cosmetic-runs.ts";
export { describeChoice } from "./describe-choice.ts";
export { type FoundData, findData } from "./find-data.ts";
export type { MetricsLine } from "./metrics-file.ts";
export { countPairwise, type PairwiseCounts, twoOrdersOf } from "./pairwise-counts.ts";
export { checkPairwiseOptions, type OrderVerdict, PairwiseJudge } from "./pairwise-judge.ts";
export {
  labelledItem,
  type OpenedRun,
  readRun,
  type ScoreKind,
  scoredItems,
  scoresByBenchmark,
} from "./read-run.ts";
export { type BenchProgress, isIncomplete, type RunBenchOptions, runBench } from "./run-bench.ts";
export { type BenchRun, readRunFile } from "./run-file.ts";
export type { PairwiseRecord, RunItem } from "./run-item.ts";
export { type BenchmarkSummary, summariseRun } from "./summarise-run.ts";
