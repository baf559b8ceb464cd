import type { Message } from "../../../core/message.ts";
import type { StepLine } from "../../checkpoints/step-log.ts";
import type { InstanceRollout, Trajectory } from "../trajectory.ts";
import type { JudgedTrajectory } from "../update/make-sequences.ts";

/** One instance of a step, as samples.jsonl has it. */
export interface RolloutSample extends StepLine {
  pair: string;
  query: Message[];
  chosen: string;
  rejected: string;
  trajectories: (Pick<Trajectory, "stage" | "side" | "criteriaSample" | "sample" | "text" | "unfinished" | "outcome"> &
    Pick<JudgedTrajectory, "reward" | "advantage"> & {
      /** How many. */
      tokens: number;
    })[];
}

/** Lines of samples.jsonl: whole rollouts of a few of a step's instances, for reading. */
export function rolloutSamples(
  step: number,
  rollouts: readonly InstanceRollout[],
  judged: readonly JudgedTrajectory[],
  count: number,
): RolloutSample[] {
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
