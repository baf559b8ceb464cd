import { pearson } from "./pearson.ts";
import { averageRanks } from "./ranks.ts";

/**
 * Spearman's rank correlation, -1 to 1: Pearson's of the ranks, equal values sharing their mean rank. `null` with fewer
 * than two pairs or where one side does not vary.
 */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  return pearson(averageRanks(x), averageRanks(y));
}
