import { bootstrap } from "../../core/statistics/index.ts";
import { queryClusters, type ResampleOptions } from "../analysis/index.ts";
import { groupBy } from "../build-result.ts";
import { countPairwise } from "../run/index.ts";
import type { CollectedBenchmark } from "./collect-run.ts";
import type { Estimate } from "./format.ts";
import { pairOutcome } from "./pair-outcomes.ts";
import { estimate, type PairwiseReport } from "./report.ts";

type Comparisons = CollectedBenchmark["comparisons"];

/** Accuracy by the two-order rule with intervals over queries, consistency and position bias. */
export function pairwiseReport(comparisons: Comparisons, options: ResampleOptions): PairwiseReport {
  const counts = countPairwise(comparisons.flatMap(({ orders }) => orders));
  const { right, half, cancelled } = figuresOf(comparisons, options);
  const subsets = [...groupBy(comparisons, ({ item }) => item.item.subset)].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    comparisons: counts.pairs,
    accuracy: right,
    half,
    cancelled: cancelled.value,
    oneOrder: counts.oneOrder,
    consistency: counts.consistency,
    firstShare: counts.firstShare,
    alwaysFirst: counts.alwaysFirst,
    alwaysSecond: counts.alwaysSecond,
    ties: counts.ties,
    unreadable: counts.nulls,
    subsets: subsets.map(([name, members]) => ({
      name,
      comparisons: members.reduce((sum, { orders }) => sum + orders.length, 0),
      accuracy: figuresOf(members, options).right,
    })),
  };
}

/** Shares of the comparisons, with intervals over queries. */
function figuresOf(
  comparisons: Comparisons,
  { seed, resamples, level }: ResampleOptions,
): Record<"right" | "half" | "cancelled", Estimate> {
  const counts = comparisons.map(({ orders }) => {
    const outcomes = orders.map(pairOutcome);
    return {
      right: outcomes.filter(([better, worse]) => better !== null && better > worse!).length,
      cancelled: outcomes.filter(([better, worse]) => better !== null && better === worse).length,
      of: orders.length,
    };
  });
  const figures = (drawn: Iterable<number>): (number | null)[] => {
    let [right, cancelled, of] = [0, 0, 0];
    for (const index of drawn) {
      right += counts[index]!.right;
      cancelled += counts[index]!.cancelled;
      of += counts[index]!.of;
    }
    return [right, right + cancelled / 2, cancelled].map((count) => (of === 0 ? null : count / of));
  };
  const clusters = queryClusters(comparisons.map(({ item }) => item));
  const intervals = bootstrap(comparisons.length, figures, { seed, resamples, level, clusters });
  const [right, half, cancelled] = figures(counts.keys()).map((value, index) => estimate(value, intervals[index]!));
  return { right: right!, half: half!, cancelled: cancelled! };
}
