import { groupBy } from "../../../core/group-by.ts";
import type { Trajectory } from "../trajectory.ts";

/**
 * Whose rewards are compared: criteria, evaluations of the chosen and of the rejected response each among themselves
 * (the method); both kinds of evaluations together; everything of an instance together (the ablations).
 */
export const advantageGroups = ["three", "pooled-evaluations", "pooled"] as const;
export type AdvantageGroups = (typeof advantageGroups)[number];

export interface AdvantageOptions {
  groups: AdvantageGroups;
  /** Whether criteria are trained; where not, they have no advantage. */
  trainCriteria: boolean;
}

/** Keeps the division away from zero; far below any spread that rewards can have. */
const epsilon = 1e-6;

/**
 * Group-normalised advantages: `(reward - mean) / (standard deviation + 1e-6)` with the population's standard deviation.
 * A group with zero spread gives zeros. Members without a reward stand aside and stay `null`.
 */
export function normaliseGroup(rewards: readonly (number | null)[]): (number | null)[] {
  const known = rewards.filter((reward) => reward !== null);
  const mean = known.reduce((sum, reward) => sum + reward, 0) / known.length;
  const deviation = Math.sqrt(known.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / known.length);
  // Equal rewards can differ from their mean in the last bit, which the division would blow up.
  const spread = known.some((reward) => reward !== known[0]);
  return rewards.map((reward) => (reward === null ? null : spread ? (reward - mean) / (deviation + epsilon) : 0));
}

/**
 * Advantages of one instance's trajectories from their rewards, in their order; `null` where there is no signal
 * (method: CE-RM, section 6).
 */
export function instanceAdvantages(
  trajectories: readonly Trajectory[],
  rewards: readonly (number | null)[],
  options: AdvantageOptions,
): (number | null)[] {
  const usable = rewards.map((reward, index) =>
    trajectories[index]!.stage === "criteria" && !options.trainCriteria ? null : reward,
  );
  const advantages: (number | null)[] = usable.map(() => null);
  const groups = groupBy(usable.keys(), (index) => groupOf(trajectories[index]!, options.groups));
  for (const members of groups.values()) {
    const given = normaliseGroup(members.map((index) => usable[index]!));
    members.forEach((index, at) => {
      advantages[index] = given[at]!;
    });
  }
  return advantages;
}

/** Criteria written for one response are a task of their own for either side. */
function groupOf({ stage, side }: Trajectory, groups: AdvantageGroups): string {
  if (groups === "pooled") return "all";
  if (groups === "pooled-evaluations" && stage === "evaluation") return stage;
  return `${stage} ${side ?? ""}`;
}
