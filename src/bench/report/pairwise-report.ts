import { bootstrap } from "../../core/statistics/index.ts";
import { queryClusters, type ResampleOptions } from "../analysis/index.ts";
import { groupBy } from "../build-result.ts";
import { countPairwise } from "../run/index.ts";
import { isCorrectInTwoOrders } from "../two-orders.ts";
import type { CollectedBenchmark } from "./collect-run.ts";
import type { Estimate } from "./format.ts";
import { estimate, type PairwiseReport } from "./report.ts";

type Comparisons = CollectedBenchmark["comparisons"];

/** Accuracy by the two-order rule with intervals over queries, consistency and position bias. */
export function pairwiseReport(comparisons: Comparisons, options: ResampleOptions): PairwiseReport {
  const counts = countPairwise(comparisons.flatMap(({ orders }) => orders));
  const subsets = [...groupBy(comparisons, ({ item }) => item.item.subset)].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    comparisons: counts.pairs,
    accuracy: accuracyOf(comparisons, options),
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
      accuracy: accuracyOf(members, options),
    })),
  };
}

function accuracyOf(comparisons: Comparisons, { seed, resamples, level }: ResampleOptions): Estimate {
  const counts = comparisons.map(({ orders }) => ({
    right: orders.filter(isCorrectInTwoOrders).length,
    of: orders.length,
  }));
  const accuracy = (drawn: Iterable<number>): number | null => {
    let [right, of] = [0, 0];
    for (const index of drawn) {
      right += counts[index]!.right;
      of += counts[index]!.of;
    }
    return of === 0 ? null : right / of;
  };
  const clusters = queryClusters(comparisons.map(({ item }) => item));
  const [interval] = bootstrap(comparisons.length, (drawn) => [accuracy(drawn)], { seed, resamples, level, clusters });
  return estimate(accuracy(counts.keys()), interval!);
}
