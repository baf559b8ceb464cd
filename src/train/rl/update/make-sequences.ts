import { deriveSeed } from "../../../core/random.ts";
import { instanceAdvantages } from "../rewards/advantages.ts";
import { shuffledAdvantages, withSwappedSides } from "../rewards/control.ts";
import { instanceRewards } from "../rewards/instance-rewards.ts";
import type { RlSettings } from "../settings.ts";
import type { InstanceRollout, Trajectory } from "../trajectory.ts";
import { tokenAdvantages } from "./kl-penalty.ts";
import type { TrainingSequence } from "./training-sequence.ts";

/** A trajectory with what it earned; `null` carries no signal. */
export interface JudgedTrajectory {
  trajectory: Trajectory;
  /** Number of its instance in the step. */
  instance: number;
  reward: number | null;
  advantage: number | null;
}

/** Rewards and advantages of a step's rollouts. */
export function judgeRollouts(
  rollouts: readonly InstanceRollout[],
  settings: RlSettings,
  seed: number,
): JudgedTrajectory[] {
  return rollouts.flatMap(({ trajectories }, instance) => {
    const { control, advantageGroups: groups, trainCriteria } = settings;
    const seen = control === "swapped-groups" ? withSwappedSides(trajectories) : trajectories;
    const rewards = instanceRewards(seen, settings);
    const earned = instanceAdvantages(seen, rewards, { groups, trainCriteria });
    const shuffleSeed = deriveSeed(seed, instance);
    const advantages = control === "shuffled-advantages" ? shuffledAdvantages(earned, shuffleSeed) : earned;
    return trajectories.map((trajectory, index) => ({
      ...{ trajectory, instance },
      ...{ reward: rewards[index]!, advantage: advantages[index]! },
    }));
  });
}

/** A trajectory that the policy can be trained on. */
export type TaughtTrajectory = JudgedTrajectory & { advantage: number };

export function hasAdvantage(judged: JudgedTrajectory): judged is TaughtTrajectory {
  return judged.advantage !== null;
}

/**
 * The sequences to train on: trajectories with an advantage for each of their tokens. The KL penalty with coefficient
 * `beta` is worked in where there are `reference` log-probabilities, one array [n] for each.
 */
export function makeSequences(
  taught: readonly TaughtTrajectory[],
  beta: number,
  reference?: readonly Float32Array[],
): TrainingSequence[] {
  return taught.map(({ trajectory, advantage }, index) => ({
    trajectory,
    advantages: tokenAdvantages(advantage, trajectory.logprobs, reference && { beta, logprobs: reference[index]! }),
  }));
}
