import { type MeasuredItem, type ResampleOptions, withIntervals } from "../analysis/index.ts";
import type { Benchmark } from "../benchmark.ts";
import { estimate, type ScoreReport } from "./report.ts";

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
    sections: result.sections.map((section, index) => ({
      ...section,
      ...estimate(section.value, sections[index]!.interval),
    })),
    subsets: result.subsets.map(({ name, items: count, value, strict, half, tieRate }, index) => ({
      name,
      items: count,
      value: estimate(value, subsets[index]!.value),
      strict: estimate(strict, subsets[index]!.strict),
      half: estimate(half, subsets[index]!.half),
      tieRate: estimate(tieRate, subsets[index]!.tieRate),
    })),
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
