import type { MeasuredItem } from "../analysis/index.ts";
import type { Benchmark } from "../benchmark.ts";
import { pairResult } from "../pair-result.ts";
import { isCorrectInTwoOrders, type TwoOrders, turnBack } from "../two-orders.ts";
import type { CollectedBenchmark } from "./collect-run.ts";

/** Of one of an item's pairs: what its better and its worse response got; equal is a tie. */
export type PairOutcome = [better: number | null, worse: number | null];

/**
 * A run's items as their pairs, so that a judge that compares and one that scores can be compared on items of many
 * responses: each pair has two responses of its own, with their scores or with the sum of the two verdicts.
 */
export function pairOutcomes({ comparisons, scores }: CollectedBenchmark, kind: "hard" | "expected" | "verdicts") {
  if (kind === "verdicts") return comparisons.map(({ item, orders }) => asPairs(item, orders.map(pairOutcome)));
  return scores[kind].items.map((item) =>
    asPairs(
      item,
      item.item.pairs.map(([better, worse]) => [item.scores[better]!, item.scores[worse]!]),
    ),
  );
}

/** The arithmetic of pairs alone: strict accuracy over all of them, whatever the benchmark's own rule is. */
export function pairScorer(name: string): Pick<Benchmark, "score"> {
  return { score: (items) => pairResult(name, items, {}) };
}

function asPairs(measured: MeasuredItem, outcomes: PairOutcome[]): MeasuredItem {
  const { item } = measured;
  return {
    ...measured,
    item: {
      ...item,
      quality: outcomes.flatMap(() => [1, 0]),
      pairs: outcomes.map((_, pair) => [2 * pair, 2 * pair + 1]),
    },
    scores: outcomes.flat(),
    // Lengths are of the responses, which stand in several pairs.
    lengths: item.pairs.flat().map((index) => measured.lengths[index]!),
  };
}

/** The two verdicts together: verdicts that cancel are a tie; without any there is nothing to go by. */
export function pairOutcome(orders: TwoOrders): PairOutcome {
  if (orders.verdicts.every((verdict) => verdict === null)) return [null, null];
  if (isCorrectInTwoOrders(orders)) return [1, 0];
  return isCorrectInTwoOrders({ ...orders, label: turnBack(orders.label) as TwoOrders["label"] }) ? [0, 1] : [0.5, 0.5];
}
