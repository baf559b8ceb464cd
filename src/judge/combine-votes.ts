import type { Reward } from "../core/reward.ts";
import type { Scale } from "../core/scale.ts";
import type { Vote } from "./judgment.ts";

/**
 * The reward of a response from its votes: mean of the scored ones, with their sample standard deviation and how many
 * could not be scored. With no scored vote it is unscored, for the reason that came up most often (the first of those).
 */
export function combineVotes(votes: Vote[], scale: Scale): Reward {
  const values = votes.flatMap((vote) => (vote.kind === "scored" ? [vote.value] : []));
  if (values.length === 0) {
    const reasons = votes.flatMap((vote) => (vote.kind === "unscored" ? [vote] : []));
    const count = (reason: string) => reasons.filter((vote) => vote.reason === reason).length;
    const commonest = reasons.reduce((best, vote) => (count(vote.reason) > count(best.reason) ? vote : best));
    return { kind: "unscored", reason: commonest.reason, detail: commonest.detail };
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    kind: "scored",
    value: mean,
    scale: [scale.min, scale.max],
    votes: values.length,
    unscoredVotes: votes.length - values.length,
    spread: values.length < 2 ? undefined : Math.sqrt(squares / (values.length - 1)),
  };
}
