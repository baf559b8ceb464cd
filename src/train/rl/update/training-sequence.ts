import type { Datum } from "../../../tinker/datum.ts";
import type { Trajectory } from "../trajectory.ts";

/** A trajectory that the policy is trained on, with one advantage for each token of its answer, [n]. */
export interface TrainingSequence {
  trajectory: Trajectory;
  advantages: Float32Array;
}

/** Length of a trajectory's arrays as a datum, T: one entry per target. */
export function targetCount({ prompt, tokens }: Pick<Trajectory, "prompt" | "tokens">): number {
  return prompt.length + tokens.length - 1;
}

/** The entries of a trajectory's own answer among its targets: `[start, T)`. */
export function answerStart({ prompt }: Pick<Trajectory, "prompt">): number {
  return prompt.length - 1;
}

/**
 * The datum of a trajectory: its conversation and answer shifted by one, the sampler's log-probabilities and the
 * advantages at the answer's own tokens and zero before them. In turn 2 the criteria are part of the conversation, so
 * they carry nothing. `scale` is multiplied into the advantages (see `advantageScales`).
 */
export function makeDatum({ trajectory, advantages }: TrainingSequence, scale: number): Datum {
  const { prompt, tokens, logprobs } = trajectory;
  const count = targetCount(trajectory);
  const whole = new Int32Array(count + 1);
  whole.set(prompt);
  whole.set(tokens, prompt.length);
  const start = answerStart(trajectory);
  const datum = {
    input: whole.subarray(0, count),
    target: whole.subarray(1),
    logprobs: new Float32Array(count),
    advantages: new Float32Array(count),
  };
  datum.logprobs.set(logprobs, start);
  datum.advantages.set(
    advantages.map((advantage) => advantage * scale),
    start,
  );
  return datum;
}
