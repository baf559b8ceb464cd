import type { BenchItem, Benchmark, LoadOptions } from "./benchmark.ts";
import { type SampleCandidate, stratifiedSample } from "./stratified-sample.ts";

export interface BenchItemsOptions extends LoadOptions {
  /** A seeded sample of at most so many items, stratified by subset. Default: all. */
  limit?: number;
  /** Of the sample. Default 0. */
  seed?: number;
}

/**
 * The items of a benchmark's data, or a sample of them, in the data's order. With a limit the data is read twice, so
 * that texts never pile up. Throws `InputError` for data that is not the benchmark's.
 */
export async function* benchItems(
  benchmark: Benchmark,
  path: string,
  options: BenchItemsOptions = {},
): AsyncGenerator<BenchItem> {
  const { limit, seed = 0, ...load } = options;
  if (limit === undefined) {
    yield* benchmark.load(path, load);
    return;
  }
  const candidates: SampleCandidate[] = [];
  for await (const { key, subset, cluster } of benchmark.load(path, load)) candidates.push({ key, subset, cluster });
  const sample = stratifiedSample(candidates, limit, seed);
  for await (const item of benchmark.load(path, load)) if (sample.has(item.key)) yield item;
}
