import { deriveSeed, type Random, seededRandom } from "../../core/random.ts";
import { mean, quantiles, sampleDeviation } from "../../core/statistics/index.ts";
import type { Benchmark, ScoredItem } from "../benchmark.ts";
import { inDataOrder } from "./query-clusters.ts";
import { type ResampleOptions, turnTaker } from "./resample.ts";

/** The items with the scores of each in random order: scores that know nothing of the labels, with the same ties. */
export function shuffledLabels<T extends ScoredItem>(items: readonly T[], seed: number): T[] {
  const random = seededRandom(seed);
  const shuffledByItem = new Map(inDataOrder(items).map((item) => [item as ScoredItem, shuffled(item.scores, random)]));
  return items.map((item) => ({ ...item, scores: shuffledByItem.get(item)! }));
}

/** A number over many shuffles. */
export interface ShuffledNumber {
  /** The expected number; `null` where it is not defined. */
  mean: number | null;
  /** The standard deviation over shuffles, and the range that holds 95 % (or `level`) of them. */
  deviation: number | null;
  low: number | null;
  high: number | null;
  /** Shuffles in which it is defined. */
  shuffles: number;
}

/** The headline, and the accuracies over all pairs. */
export type ShuffledNumbers = Record<"headline" | "strict" | "half", ShuffledNumber>;

/**
 * The numbers that a judge with these scores gets when they are handed out within each item by chance, by `resamples`
 * shuffles (default 200). A number inside of the range is no better than chance.
 */
export async function shuffledNumbers(
  benchmark: Pick<Benchmark, "score">,
  items: readonly ScoredItem[],
  options: ResampleOptions,
): Promise<ShuffledNumbers> {
  const { resamples = 200, level = 0.95, seed, signal, onProgress } = options;
  signal?.throwIfAborted();
  const turn = turnTaker(signal);
  const found = { headline: [] as number[], strict: [] as number[], half: [] as number[] };
  for (let done = 0; done < resamples; done++) {
    const { headline, pairs } = benchmark.score(shuffledLabels(items, deriveSeed(seed, done)));
    if (headline.value !== null) found.headline.push(headline.value);
    if (pairs.strict !== null) found.strict.push(pairs.strict);
    if (pairs.half !== null) found.half.push(pairs.half);
    if (turn.due()) {
      onProgress?.(done + 1, resamples);
      await turn.take();
    }
  }
  const describe = (values: number[]): ShuffledNumber => {
    const [low, high] = quantiles(values, [(1 - level) / 2, (1 + level) / 2]);
    return {
      mean: mean(values),
      deviation: sampleDeviation(values),
      low: low ?? null,
      high: high ?? null,
      shuffles: values.length,
    };
  };
  return { headline: describe(found.headline), strict: describe(found.strict), half: describe(found.half) };
}

/** Fisher-Yates. */
function shuffled<T>(values: readonly T[], random: Random): T[] {
  const result = [...values];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}
