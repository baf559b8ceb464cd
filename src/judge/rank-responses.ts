import type { Reward } from "../core/reward.ts";

/** Ranks from 1 for rewards: higher first, equal ones share the smaller rank, unscored ones share the last. */
export function rankRewards(rewards: Reward[]): number[] {
  return rewards.map((reward) => {
    if (reward.kind === "unscored") return 1 + rewards.filter((other) => other.kind === "scored").length;
    return 1 + rewards.filter((other) => other.kind === "scored" && other.value > reward.value).length;
  });
}

/** The elements best first; equal ranks keep their order. */
export function byRank<T extends { rank: number }>(elements: T[]): T[] {
  return elements.toSorted((a, b) => a.rank - b.rank);
}
