import { spearman } from "../../core/statistics/index.ts";
import type { ScoredItem } from "../benchmark.ts";
import { equalCountBins, fixedBins, type JudgedPair, type MarginBin } from "./margin-bins.ts";

/** How far margins and scores can be trusted. Margins and scores are in the unit of the scores. */
export interface Calibration {
  pairs: {
    count: number;
    /** Of all pairs: those with equal scores, and those with an unscored side. */
    ties: number;
    unscored: number;
    /** Ties over pairs with both scores; `null` without any. */
    tieShare: number | null;
  };
  /** Pairs with unequal scores by margin, in bins of about equal count and in fixed ones. */
  equalCount: MarginBin[];
  fixed: MarginBin[];
  /** Spearman's correlation of margin and being right, over pairs with unequal scores. */
  marginCorrelation: number | null;
  scores: {
    count: number;
    unscored: number;
    /** Of all responses; `null` without any. */
    unscoredShare: number | null;
    /** Scores from `from` up to `from + width`; empty bins are left out. */
    histogram: { from: number; width: number; count: number }[];
  };
}

export interface CalibrationOptions {
  /** Number of bins of equal count, default 10. */
  bins?: number;
  /** Upper ends of the fixed bins, default 0.5, 1, 2, 3, 5; the last bin is open. */
  edges?: number[];
  /** Width of the histogram's bins, default 0.5. */
  width?: number;
}

/**
 * How often the response with the higher score is the better one, as a function of the margin between the two, with
 * Wilson intervals (which take pairs for independent), and how the scores are distributed.
 */
export function calibration(items: readonly ScoredItem[], options: CalibrationOptions = {}): Calibration {
  const { bins = 10, edges = [0.5, 1, 2, 3, 5], width = 0.5 } = options;
  const judged: JudgedPair[] = [];
  const pairs = { count: 0, ties: 0, unscored: 0 };
  for (const { item, scores } of items) {
    for (const [better, worse] of item.pairs) {
      const [high, low] = [scores[better]!, scores[worse]!];
      pairs.count++;
      if (high === null || low === null) pairs.unscored++;
      else if (high === low) pairs.ties++;
      else judged.push({ margin: Math.abs(high - low), right: high > low });
    }
  }
  judged.sort((a, b) => a.margin - b.margin);
  const scored = pairs.count - pairs.unscored;
  return {
    pairs: { ...pairs, tieShare: scored === 0 ? null : pairs.ties / scored },
    equalCount: equalCountBins(judged, bins),
    fixed: fixedBins(judged, edges),
    marginCorrelation: spearman(
      judged.map(({ margin }) => margin),
      judged.map(({ right }) => (right ? 1 : 0)),
    ),
    scores: describeScores(items, width),
  };
}

function describeScores(items: readonly ScoredItem[], width: number): Calibration["scores"] {
  const bins = new Map<number, number>();
  let [count, unscored] = [0, 0];
  for (const { scores } of items) {
    for (const score of scores) {
      if (score === null) unscored++;
      else {
        const bin = Math.floor(score / width);
        bins.set(bin, (bins.get(bin) ?? 0) + 1);
        count++;
      }
    }
  }
  return {
    count,
    unscored,
    unscoredShare: count + unscored === 0 ? null : unscored / (count + unscored),
    histogram: [...bins]
      .sort(([a], [b]) => a - b)
      .map(([bin, members]) => ({ from: bin * width, width, count: members })),
  };
}
