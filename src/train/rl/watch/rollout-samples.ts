import type { StepLine } from "../../checkpoints/step-log.ts";
import type { InstanceRollout } from "../trajectory.ts";
import type { JudgedTrajectory } from "../update/make-sequences.ts";

/** Lines of samples.jsonl: whole rollouts of a few of a step's instances, for reading. */
export function rolloutSamples(
  step: number,
  rollouts: readonly InstanceRollout[],
  judged: readonly JudgedTrajectory[],
  count: number,
): StepLine[] {
  const instances = [...rollouts.keys()].filter((index) => rollouts[index]!.skipped === undefined).slice(0, count);
  return instances.map((index) => {
    const { pair } = rollouts[index]!;
    const own = judged.filter(({ instance }) => instance === index);
    return {
      step,
      pair: pair.id,
      query: pair.messages,
      chosen: pair.chosen,
      rejected: pair.rejected,
      trajectories: own.map(({ trajectory, reward, advantage }) => {
        const { stage, side, criteriaSample, sample, text, unfinished, outcome, tokens } = trajectory;
        const place = { stage, side, criteriaSample, sample };
        return { ...place, reward, advantage, outcome, unfinished, tokens: tokens.length, text };
      }),
    };
  });
}
