import { countTwoOrders, type TwoOrderCounts, type TwoOrders, type Verdict } from "../two-orders.ts";
import type { RunItem } from "./run-item.ts";

/** What a pairwise judge's verdicts come to. Shares are of pairs, and `null` without any. */
export interface PairwiseCounts extends TwoOrderCounts {
  /** Both verdicts name the same response, or both are ties. */
  consistency: number | null;
  /** Position bias: the response shown first wins in both orders. */
  alwaysFirst: number | null;
  /** Position bias: the response shown second wins in both orders. */
  alwaysSecond: number | null;
}

/** The pairs of a judged item in the terms of the two-order rule: A is the response of the lower index. */
export function twoOrdersOf(item: Pick<RunItem, "pairs" | "pairwise">): TwoOrders[] {
  return (item.pairwise ?? []).map(({ a, b, verdicts: [first, turned] }) => {
    const better = item.pairs.find((pair) => pair.includes(a) && pair.includes(b))?.[0];
    return { label: better === a ? "A>B" : "B>A", verdicts: [inWords(first), inWords(turned)] };
  });
}

/** Accuracy by JudgeBench's two-order rule, consistency and position bias. */
export function countPairwise(pairs: readonly TwoOrders[]): PairwiseCounts {
  const counts = countTwoOrders(pairs);
  const share = (holds: (pair: TwoOrders) => boolean) =>
    pairs.length === 0 ? null : pairs.filter(holds).length / pairs.length;
  const both = (verdict: Verdict) => share(({ verdicts }) => verdicts[0] === verdict && verdicts[1] === verdict);
  return {
    ...counts,
    consistency: share(
      ({ verdicts: [first, turned] }) =>
        (first === "A=B" && turned === "A=B") ||
        (first === "A>B" && turned === "B>A") ||
        (first === "B>A" && turned === "A>B"),
    ),
    alwaysFirst: both("A>B"),
    alwaysSecond: both("B>A"),
  };
}

function inWords(verdict: NonNullable<RunItem["pairwise"]>[number]["verdicts"][number]): Verdict {
  return verdict === "A" ? "A>B" : verdict === "B" ? "B>A" : verdict === "tie" ? "A=B" : null;
}
