import type { ItemScores, LabelledItem, PairAccuracy, ScoredItem } from "./benchmark.ts";

/** Outcomes of comparisons of a better with a worse response. */
export interface PairCounts {
  wins: number;
  ties: number;
  losses: number;
  /** At least one side has no score. */
  unscored: number;
}

/** Before anything is counted. */
export function noPairs(): PairCounts {
  return { wins: 0, ties: 0, losses: 0, unscored: 0 };
}

/** Compares the scores of one pair. */
export function comparePair(scores: ItemScores, better: number, worse: number): keyof PairCounts {
  const [high, low] = [scores[better]!, scores[worse]!];
  if (high === null || low === null) return "unscored";
  return high > low ? "wins" : high === low ? "ties" : "losses";
}

/** Counts the outcomes over all pairs of the items, or over the same `pairs` of each. */
export function countPairs(items: readonly ScoredItem[], pairs?: LabelledItem["pairs"]): PairCounts {
  const counts = noPairs();
  for (const { item, scores } of items)
    for (const [better, worse] of pairs ?? item.pairs) counts[comparePair(scores, better, worse)]++;
  return counts;
}

/** Number of pairs. */
export function totalPairs({ wins, ties, losses, unscored }: PairCounts): number {
  return wins + ties + losses + unscored;
}

/** Strict and half-credit accuracy and the share of ties; `null` without pairs. */
export function pairAccuracy(counts: PairCounts): PairAccuracy {
  const total = totalPairs(counts);
  if (total === 0) return { strict: null, half: null, tieRate: null };
  return {
    strict: counts.wins / total,
    half: (counts.wins + counts.ties / 2) / total,
    tieRate: counts.ties / total,
  };
}

/** Strict and half-credit accuracy and the share of ties over the pairs of the items. */
export function pairAccuracyOf(items: readonly ScoredItem[]): PairAccuracy {
  return pairAccuracy(countPairs(items));
}

/** Share of pairs ranked right where both equal and missing scores earn one half; `null` without pairs. */
export function lenientAccuracy(counts: PairCounts): number | null {
  const total = totalPairs(counts);
  return total === 0 ? null : (counts.wins + (counts.ties + counts.unscored) / 2) / total;
}
