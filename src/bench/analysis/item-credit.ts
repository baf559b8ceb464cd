import type { Benchmark, ScoredItem } from "../benchmark.ts";
import { countPairs, pairAccuracy } from "../pair-accuracy.ts";

/**
 * What the benchmark's rule gives an item for itself: the value of its subset when it is the only item. Where the rule
 * needs more than one item (RewardBench 2's Ties), the share of its pairs ranked right. `null` without pairs.
 */
export function itemCredit(benchmark: Pick<Benchmark, "score">, item: ScoredItem): number | null {
  const alone = item.item.cluster === undefined ? benchmark.score([item]).subsets[0]?.value : null;
  return alone ?? pairAccuracy(countPairs([item])).strict;
}
