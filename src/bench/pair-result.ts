import type { BenchResult, ScoredItem } from "./benchmark.ts";
import { buildResult, groupBySubset } from "./build-result.ts";
import { pairAccuracyOf } from "./pair-accuracy.ts";
import { tieRules } from "./tie-rules.ts";

/** The result of data that has no official scorer: strict pair accuracy, overall and by subset. */
export function pairResult(benchmark: string, items: ScoredItem[], details: Record<string, unknown>): BenchResult {
  const accuracy = (members: ScoredItem[]) => pairAccuracyOf(members).strict;
  const tieRule = tieRules.strict;
  const value = accuracy(items);
  const subsets = [...groupBySubset(items)].sort(([a], [b]) => (a < b ? -1 : 1));
  const section = (name: string, members: ScoredItem[]) => {
    const figures = pairAccuracyOf(members);
    return { name, value: figures.strict, items: members.length, ...figures, tieRule };
  };
  const parts = subsets.map(([name, members]) => section(name, members));
  return buildResult(benchmark, items, {
    headline: { name: "pairs whose better response scores higher", value, tieRule },
    sections: [...(parts.length > 1 ? parts : []), section("accuracy", items)],
    subsetValue: accuracy,
    unscoredRule: "a pair with an unscored response is lost",
    details,
  });
}
