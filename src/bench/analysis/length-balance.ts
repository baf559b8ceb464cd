import type { Interval, Statistic } from "../../core/statistics/index.ts";
import { meanOfAll } from "../mean.ts";
import { comparePair, noPairs, type PairCounts, pairAccuracy, totalPairs } from "../pair-accuracy.ts";
import type { MeasuredItem } from "./measured-item.ts";
import { inDataOrder, queryClusters } from "./query-clusters.ts";
import { type ResampleOptions, resample } from "./resample.ts";

/** Outcomes of pairs, by whether the better response is the longer or the shorter one. */
export interface PairsByLength {
  betterLonger: PairCounts;
  betterShorter: PairCounts;
  equalLength: PairCounts;
}

/** An accuracy by both tie rules; `null` without pairs. */
export interface BothRules<T> {
  /** Ties and unscored pairs are not right. */
  strict: T;
  /** Ties are half right. */
  half: T;
}

/** A number with its bootstrap interval over queries: `null` where there is no number, or with fewer than two queries. */
export interface WithInterval {
  value: number | null;
  interval: Interval | null;
}

/** Pair accuracy in which length is worth nothing, and the halves that it is made of. */
export interface LengthBalance {
  /** A judge that only measures is right in all of one half and wrong in all of the other. */
  betterLonger: BothRules<WithInterval> & { pairs: number };
  betterShorter: BothRules<WithInterval> & { pairs: number };
  /** Pairs that are in neither half. */
  equalLength: number;
  /** Mean of the two halves, whatever their sizes; `null` where one of them is empty. */
  balanced: BothRules<WithInterval>;
}

/** Counts the outcomes of the items' pairs by the lengths of their responses in code points. */
export function countPairsByLength(items: readonly Omit<MeasuredItem, "queryKey">[]): PairsByLength {
  const counts: PairsByLength = { betterLonger: noPairs(), betterShorter: noPairs(), equalLength: noPairs() };
  for (const { item, scores, lengths } of items) {
    for (const [better, worse] of item.pairs) {
      const gap = lengths[better]! - lengths[worse]!;
      const kind = gap > 0 ? "betterLonger" : gap < 0 ? "betterShorter" : "equalLength";
      counts[kind][comparePair(scores, better, worse)]++;
    }
  }
  return counts;
}

/** Mean of the accuracies on pairs whose better response is the longer and the shorter one; `null` where one has none. */
export function balancedAccuracy({ betterLonger, betterShorter }: PairsByLength): BothRules<number | null> {
  const [longer, shorter] = [pairAccuracy(betterLonger), pairAccuracy(betterShorter)];
  return {
    strict: meanOfAll([longer.strict, shorter.strict]),
    half: meanOfAll([longer.half, shorter.half]),
  };
}

/**
 * Pair accuracy in which length is worth nothing: "the longer one wins" gets exactly one half of the pairs of unequal
 * length, as chance does. With 95 % percentile intervals over queries; the order of items does not matter.
 */
export async function lengthBalance(items: readonly MeasuredItem[], options: ResampleOptions): Promise<LengthBalance> {
  const ordered = inDataOrder(items);
  const statistic = lengthBalanceStatistic(ordered);
  const values = statistic(Int32Array.from(ordered.keys()));
  const intervals = await resample(ordered.length, statistic, { ...options, clusters: queryClusters(ordered) });
  const [balanced, betterLonger, betterShorter] = [0, 2, 4].map((first) => ({
    strict: { value: values[first]!, interval: intervals[first]! },
    half: { value: values[first + 1]!, interval: intervals[first + 1]! },
  }));
  const counts = countPairsByLength(ordered);
  return {
    betterLonger: { pairs: totalPairs(counts.betterLonger), ...betterLonger! },
    betterShorter: { pairs: totalPairs(counts.betterShorter), ...betterShorter! },
    equalLength: totalPairs(counts.equalLength),
    balanced: balanced!,
  };
}

/** Strict and half-credit accuracy of a sample of the items: balanced, then where the better response is longer, shorter. */
export function lengthBalanceStatistic(items: readonly MeasuredItem[]): Statistic {
  const byItem = items.map((item) => countPairsByLength([item]));
  return (drawn) => {
    const sum: PairsByLength = { betterLonger: noPairs(), betterShorter: noPairs(), equalLength: noPairs() };
    for (const index of drawn) {
      add(sum.betterLonger, byItem[index]!.betterLonger);
      add(sum.betterShorter, byItem[index]!.betterShorter);
    }
    const rules = [balancedAccuracy(sum), pairAccuracy(sum.betterLonger), pairAccuracy(sum.betterShorter)];
    return rules.flatMap(({ strict, half }) => [strict, half]);
  };
}

function add(sum: PairCounts, counts: PairCounts): void {
  sum.wins += counts.wins;
  sum.ties += counts.ties;
  sum.losses += counts.losses;
  sum.unscored += counts.unscored;
}
