export { type BenchItemsOptions, benchItems } from "./bench-items.ts";
export * from "./benchmark.ts";
export { benchmarks, findBenchmark } from "./benchmarks.ts";
export { bestOfKCurve, expectedBestOfK } from "./best-of-k.ts";
export type { DataFile, DataSet } from "./data-set.ts";
export { benchmarksDirectory, type FetchDataOptions, fetchBenchmarkData } from "./download/fetch-benchmark-data.ts";
export { comparePair, countPairs, pairAccuracy } from "./pair-accuracy.ts";
export { readScores } from "./read-scores.ts";
export { type ScoreBenchmarkOptions, scoreBenchmark, withoutTexts } from "./score-benchmark.ts";
export { allocate, type SampleCandidate, stratifiedSample } from "./stratified-sample.ts";
export {
  countTwoOrders,
  isCorrectInTwoOrders,
  readVerdict,
  type TwoOrderCounts,
  type TwoOrders,
  turnBack,
  type Verdict,
} from "./two-orders.ts";
