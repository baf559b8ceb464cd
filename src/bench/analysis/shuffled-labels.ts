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

/** The headline over many shuffles. */
export interface ShuffledHeadline {
  /** The expected headline; `null` where it is not defined. */
  mean: number | null;
  /** The standard deviation over shuffles, and the range that holds 95 % (or `level`) of them. */
  deviation: number | null;
  low: number | null;
  high: number | null;
  shuffles: number;
}

/**
 * The headline that a judge with these scores gets when they are handed out within each item by chance, by `resamples`
 * shuffles (default 200). A headline inside of the range is no better than chance.
 */
export async function shuffledHeadline(
  benchmark: Pick<Benchmark, "score">,
  items: readonly ScoredItem[],
  options: ResampleOptions,
): Promise<ShuffledHeadline> {
  const { resamples = 200, level = 0.95, seed, signal, onProgress } = options;
  signal?.throwIfAborted();
  const turn = turnTaker(signal);
  const headlines: number[] = [];
  for (let done = 0; done < resamples; done++) {
    const { value } = benchmark.score(shuffledLabels(items, deriveSeed(seed, done))).headline;
    if (value !== null) headlines.push(value);
    if (turn.due()) {
      onProgress?.(done + 1, resamples);
      await turn.take();
    }
  }
  const [low, high] = quantiles(headlines, [(1 - level) / 2, (1 + level) / 2]);
  return {
    mean: mean(headlines),
    deviation: sampleDeviation(headlines),
    low: low ?? null,
    high: high ?? null,
    shuffles: headlines.length,
  };
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
