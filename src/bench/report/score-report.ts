import { type MeasuredItem, type ResampleOptions, type RowIntervals, withIntervals } from "../analysis/index.ts";
import type { Benchmark, BenchSection } from "../benchmark.ts";
import { estimate, type RowReport, type ScoreReport } from "./report.ts";

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
