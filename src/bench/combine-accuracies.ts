import type { PairAccuracy } from "./benchmark.ts";

/** The pair accuracies of a whole from those of its parts: the same mean of every figure. */
export function combineAccuracies(
  parts: readonly PairAccuracy[],
  mean: (values: (number | null)[]) => number | null,
): PairAccuracy {
  return {
    strict: mean(parts.map(({ strict }) => strict)),
    half: mean(parts.map(({ half }) => half)),
    tieRate: mean(parts.map(({ tieRate }) => tieRate)),
  };
}
