import { averageRanks } from "./ranks.ts";

/**
 * Area under the ROC curve, 0 to 1: the probability that a positive has the higher score than a negative, an equal score
 * counting one half (the Mann-Whitney statistic; Hanley and McNeil 1982). A label of `true` or 1 is positive. `null`
 * without both kinds.
 */
export function rocAuc(scores: ArrayLike<number>, positive: ArrayLike<boolean | number>): number | null {
  if (scores.length !== positive.length) {
    throw new RangeError(`${scores.length} scores and ${positive.length} labels cannot be paired`);
  }
  const ranks = averageRanks(scores);
  let positives = 0;
  let rankSum = 0;
  for (let index = 0; index < ranks.length; index++) {
    if (!positive[index]) continue;
    positives++;
    rankSum += ranks[index]!;
  }
  const negatives = ranks.length - positives;
  if (positives === 0 || negatives === 0) return null;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}
