import {
  type BothRules,
  lengthBalance,
  type MeasuredItem,
  type ResampleOptions,
  type RowIntervals,
  type WithInterval,
  withIntervals,
} from "../analysis/index.ts";
import type { Benchmark, BenchSection } from "../benchmark.ts";
import type { Estimate } from "./format.ts";
import { estimate, type LengthBalanceReport, type RowReport, type ScoreReport } from "./report.ts";

/** The official numbers of one kind of score with their intervals. */
export async function scoreReport(
  benchmark: Pick<Benchmark, "score">,
  items: MeasuredItem[],
  reasons: Map<string, number>,
  options: ResampleOptions,
): Promise<ScoreReport> {
  const { result, headline, sections, subsets, pairs, clusters } = await withIntervals(benchmark, items, options);
  const { responses, items: incomplete, rule } = result.unscored;
  return {
    headline: { ...result.headline, ...estimate(result.headline.value, headline) },
    pairs: {
      count: result.pairs.count,
      strict: estimate(result.pairs.strict, pairs.strict),
      half: estimate(result.pairs.half, pairs.half),
      tieRate: estimate(result.pairs.tieRate, pairs.tieRate),
    },
    length: await lengthReport(items, options),
    sections: result.sections.map((section, index) => rowReport(section, sections[index]!)),
    subsets: result.subsets.map((subset, index) => rowReport(subset, subsets[index]!)),
    unscored: {
      responses,
      of: result.responses,
      items: incomplete,
      rule,
      reasons: [...reasons].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count),
    },
    clusters,
    tables: result.tables,
    details: result.details,
  };
}

/** Takes a small part of the time of the official numbers, so only those tell their progress. */
async function lengthReport(items: MeasuredItem[], options: ResampleOptions): Promise<LengthBalanceReport> {
  const { betterLonger, betterShorter, equalLength, balanced } = await lengthBalance(items, {
    ...options,
    onProgress: undefined,
  });
  return {
    betterLonger: { pairs: betterLonger.pairs, ...bothEstimates(betterLonger) },
    betterShorter: { pairs: betterShorter.pairs, ...bothEstimates(betterShorter) },
    equalLength,
    balanced: bothEstimates(balanced),
  };
}

function bothEstimates({ strict, half }: BothRules<WithInterval>): BothRules<Estimate> {
  return { strict: estimate(strict.value, strict.interval), half: estimate(half.value, half.interval) };
}

function rowReport({ name, items, tieRule, ...numbers }: BenchSection, intervals: RowIntervals): RowReport {
  return {
    name,
    items,
    tieRule,
    value: estimate(numbers.value, intervals.value),
    strict: estimate(numbers.strict, intervals.strict),
    half: estimate(numbers.half, intervals.half),
    tieRate: estimate(numbers.tieRate, intervals.tieRate),
  };
}
