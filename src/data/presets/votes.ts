import type { PairNotes } from "./compare.ts";

/** How many voted for the first response, the second, and neither. */
export interface Votes {
  first: number;
  second: number;
  tie: number;
}

/**
 * What most voters say: a sign as `bySign` takes it with the winner's lead over the loser as a share of all votes, or
 * why there is no winner.
 */
export function majority({ first, second, tie }: Votes): { preference: number; notes: PairNotes } | string {
  const most = Math.max(first, second, tie);
  const atTop = [first, second, tie].filter((count) => count === most).length;
  if (most === 0) return "no votes";
  if (atTop > 1) return "no majority";
  if (tie === most) return "tie";
  return { preference: second - first, notes: { strength: Math.abs(first - second) / (first + second + tie) } };
}
