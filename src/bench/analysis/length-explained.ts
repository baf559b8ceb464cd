import { type ShareInterval, simpleRegression, spearman, wilsonInterval } from "../../core/statistics/index.ts";
import { comparePair } from "../pair-accuracy.ts";
import type { MeasuredItem } from "./measured-item.ts";

/** Pairs of one kind and how many are ranked right. */
export interface PairShare {
  pairs: number;
  /** Ties and unscored pairs are not right; 95 % Wilson interval; `null` without pairs. */
  strict: ShareInterval | null;
  /** Ties are half right; `null` without pairs. */
  half: number | null;
}

/** How much of the scores is length. */
export interface LengthExplained {
  /** Scored responses of queries with at least two. */
  responses: number;
  /** R^2 of the score on the length in code points, both less their mean within the query; 0 to 1. */
  rSquared: number | null;
  /** Score per 1,000 code points, from the same line. */
  slopePerThousand: number | null;
  /** Spearman's correlation of the same centred values. */
  spearman: number | null;
  /** A judge that only measures is right in one of the first two and wrong in the other. */
  betterShorter: PairShare;
  betterLonger: PairShare;
  equalLength: PairShare;
}

/**
 * Share of the score that length explains within queries (between queries, length says nothing about the judge), and the
 * accuracy on pairs where the better response is the shorter or the longer one.
 */
export function lengthExplained(items: readonly MeasuredItem[]): LengthExplained {
  const { lengths, scores } = centredWithinQueries(items);
  const line = simpleRegression(lengths, scores);
  const kinds = { betterShorter: noPairs(), betterLonger: noPairs(), equalLength: noPairs() };
  for (const { item, scores, lengths } of items) {
    for (const [better, worse] of item.pairs) {
      const gap = lengths[better]! - lengths[worse]!;
      const counts = kinds[gap < 0 ? "betterShorter" : gap > 0 ? "betterLonger" : "equalLength"];
      counts[comparePair(scores, better, worse)]++;
    }
  }
  return {
    responses: scores.length,
    rSquared: line?.rSquared ?? null,
    slopePerThousand: line === null ? null : line.slope * 1_000,
    spearman: spearman(lengths, scores),
    betterShorter: pairShare(kinds.betterShorter),
    betterLonger: pairShare(kinds.betterLonger),
    equalLength: pairShare(kinds.equalLength),
  };
}

function noPairs() {
  return { wins: 0, ties: 0, losses: 0, unscored: 0 };
}

function pairShare({ wins, ties, losses, unscored }: ReturnType<typeof noPairs>): PairShare {
  const pairs = wins + ties + losses + unscored;
  return { pairs, strict: wilsonInterval(wins, pairs), half: pairs === 0 ? null : (wins + ties / 2) / pairs };
}

function centredWithinQueries(items: readonly MeasuredItem[]): { lengths: number[]; scores: number[] } {
  const queries = new Map<string, { lengths: number[]; scores: number[] }>();
  for (const { queryKey, scores, lengths } of items) {
    const group = queries.get(queryKey) ?? { lengths: [], scores: [] };
    queries.set(queryKey, group);
    scores.forEach((score, index) => {
      if (score === null) return;
      group.scores.push(score);
      group.lengths.push(lengths[index]!);
    });
  }
  const groups = [...queries.values()].filter((group) => group.scores.length >= 2);
  return {
    lengths: groups.flatMap((group) => centred(group.lengths)),
    scores: groups.flatMap((group) => centred(group.scores)),
  };
}

function centred(values: number[]): number[] {
  // Differences first: equal values then give exactly 0, and ranks see them as equal.
  const mean = values.reduce((sum, value) => sum + (value - values[0]!), 0) / values.length;
  return values.map((value) => value - values[0]! - mean);
}
