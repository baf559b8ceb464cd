import type { ItemScores } from "./benchmark.ts";

/**
 * What an item of one correct response (index 0) and several wrong ones earns: 1/k where the correct one shares the
 * highest score with k-1 others, else 0. Unscored responses are out of the running; where all are, the random level.
 */
export function topShare(scores: ItemScores): number {
  let best: number | null = null;
  for (const score of scores) if (score !== null && (best === null || score > best)) best = score;
  if (best === null) return 1 / scores.length;
  return scores[0] === best ? 1 / scores.filter((score) => score === best).length : 0;
}
