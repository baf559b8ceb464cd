import { logChoose } from "./log-factorial.ts";
import { normalTail } from "./normal.ts";

/** McNemar's test of two judges on the same pairs; both p-values are two-sided. */
export interface McNemarTest {
  onlyFirst: number;
  onlySecond: number;
  /** Exact: the discordant cases are coin tosses. Sound for any count. */
  exactP: number;
  /** (b - c)^2 / (b + c), one degree of freedom, no continuity correction; 0 without discordant cases. */
  chiSquare: number;
  /** p-value of the chi-square; good from about 25 discordant cases. */
  asymptoticP: number;
}

/**
 * McNemar's test (1947) from the discordant counts: cases that only the first, or only the second, got right. Cases must
 * be independent of each other.
 */
export function mcNemarTest(onlyFirst: number, onlySecond: number): McNemarTest {
  const discordant = onlyFirst + onlySecond;
  const chiSquare = discordant === 0 ? 0 : (onlyFirst - onlySecond) ** 2 / discordant;
  return {
    onlyFirst,
    onlySecond,
    exactP: Math.min(1, 2 * fairCoinLowerTail(Math.min(onlyFirst, onlySecond), discordant)),
    chiSquare,
    asymptoticP: 2 * normalTail(Math.sqrt(chiSquare)),
  };
}

/** Probability of at most `heads` heads in `tosses` fair tosses. */
function fairCoinLowerTail(heads: number, tosses: number): number {
  let term = Math.exp(logChoose(tosses, heads) - tosses * Math.LN2);
  let sum = 0;
  for (let k = heads; k >= 0 && term > 1e-18 * sum; k--) {
    sum += term;
    term *= k / (tosses - k + 1);
  }
  return Math.min(1, sum);
}
