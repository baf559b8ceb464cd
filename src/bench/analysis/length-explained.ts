import { simpleRegression, spearman } from "../../core/statistics/index.ts";
import type { MeasuredItem } from "./measured-item.ts";

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
}

/** Share of the score that length explains within queries; between queries, length says nothing about the judge. */
export function lengthExplained(items: readonly MeasuredItem[]): LengthExplained {
  const { lengths, scores } = centredWithinQueries(items);
  const line = simpleRegression(lengths, scores);
  return {
    responses: scores.length,
    rSquared: line?.rSquared ?? null,
    slopePerThousand: line === null ? null : line.slope * 1_000,
    spearman: spearman(lengths, scores),
  };
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
