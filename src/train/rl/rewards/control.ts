import { seededRandom } from "../../../core/random.ts";
import { shuffle } from "../../../core/shuffle.ts";
import type { Trajectory } from "../trajectory.ts";

/**
 * Runs that must not learn the preference, to show that learning comes from the rewards: advantages of an instance dealt out
 * at random, or evaluations of the chosen response rewarded as if they were of the rejected one and the other way round.
 */
export const controls = ["shuffled-advantages", "swapped-groups"] as const;
export type Control = (typeof controls)[number];

/** Trajectories as the rewards are to see them. */
export function withSwappedSides(trajectories: readonly Trajectory[]): Trajectory[] {
  const other = { chosen: "rejected", rejected: "chosen" } as const;
  return trajectories.map((one) => (one.side === undefined ? one : { ...one, side: other[one.side] }));
}

/** The advantages of an instance, each at another's place. */
export function shuffledAdvantages(advantages: readonly (number | null)[], seed: number): (number | null)[] {
  return shuffle(advantages, seededRandom(seed));
}
