import { groupBy } from "../../../core/group-by.ts";
import type { JudgeMode } from "../../../judge/judgment.ts";
import type { Side, Trajectory } from "../trajectory.ts";
import { criteriaReward, pairRewards, type ScoreOrFault } from "./pair-rewards.ts";

export interface RewardOptions {
  mode: JudgeMode;
  /** Reward of an answer that cannot be read. */
  formatPenalty: number;
  /** Answers that were cut off at their token limit: punished like those that cannot be read, or left out of everything. */
  unfinished: "penalise" | "mask";
}

/**
 * Rewards of one instance's trajectories, in their order; `null` carries no signal. With criteria from the query alone,
 * evaluations by the same criteria are compared; in the other modes no criteria are shared, and all of one side are
 * compared with all of the other.
 */
export function instanceRewards(trajectories: readonly Trajectory[], options: RewardOptions): (number | null)[] {
  const scores = new Map(trajectories.map((trajectory) => [trajectory, scoreOf(trajectory, options.unfinished)]));
  const scoresOf = (of: (evaluation: Trajectory) => boolean) =>
    trajectories.filter((one) => one.stage === "evaluation" && of(one)).map((one) => scores.get(one)!);
  const rewards = new Map<Trajectory, number | null>();

  for (const { chosen, rejected } of comparedEvaluations(trajectories, options.mode)) {
    const scored = (side: Trajectory[]) => side.map((one) => scores.get(one)!);
    const given = pairRewards(scored(chosen), scored(rejected), options.formatPenalty);
    chosen.forEach((evaluation, index) => void rewards.set(evaluation, given.chosen[index]!));
    rejected.forEach((evaluation, index) => void rewards.set(evaluation, given.rejected[index]!));
  }

  for (const criteria of trajectories.filter(({ stage }) => stage === "criteria")) {
    const score = scores.get(criteria)!;
    if (typeof score !== "number") {
      rewards.set(criteria, score === "masked" ? null : options.formatPenalty);
      continue;
    }
    const { side, criteriaSample } = criteria;
    // What was evaluated by these criteria, and what that is compared with.
    const scoresOn = (which: Side) =>
      scoresOf((one) => one.side === which && (one.criteriaSample === criteriaSample || (side ?? which) !== which));
    rewards.set(criteria, criteriaReward(scoresOn("chosen"), scoresOn("rejected")));
  }
  return trajectories.map((trajectory) => rewards.get(trajectory) ?? null);
}

/** The score of an evaluation, 0 for criteria that can be read, or the fault. */
function scoreOf({ outcome, unfinished }: Trajectory, rule: RewardOptions["unfinished"]): ScoreOrFault {
  if (unfinished) return rule === "mask" ? "masked" : "unparsable";
  if (outcome.kind === "unparsable") return "unparsable";
  return outcome.kind === "score" ? outcome.value : 0;
}

/** An instance's evaluations in the groups within which each of one side is compared with each of the other. */
export function comparedEvaluations(
  trajectories: readonly Trajectory[],
  mode: JudgeMode,
): { chosen: Trajectory[]; rejected: Trajectory[] }[] {
  const evaluations = trajectories.filter(({ stage }) => stage === "evaluation");
  const groups =
    mode === "unified" ? [...groupBy(evaluations, ({ criteriaSample }) => criteriaSample).values()] : [evaluations];
  return groups.map((group) => ({
    chosen: group.filter(({ side }) => side === "chosen"),
    rejected: group.filter(({ side }) => side === "rejected"),
  }));
}
