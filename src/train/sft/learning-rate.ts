import { InputError } from "../../core/errors.ts";

export const learningRateSchedules = ["constant", "linear", "cosine"] as const;

/** How the learning rate goes on after warm-up: stays, falls in a line, or falls along half a cosine. */
export type LearningRateSchedule = (typeof learningRateSchedules)[number];

export interface LearningRateOptions {
  schedule: LearningRateSchedule;
  /** The highest rate. */
  peak: number;
  /** Steps over which the rate grows in a line from `peak / warmupSteps` to `peak`; 0: it starts there. */
  warmupSteps: number;
  /** Steps of the whole training. */
  totalSteps: number;
  /** `linear`, `cosine`: what the rate falls to, as a share of `peak`; it is reached after the last step. */
  finalShare: number;
}

/** Why rates depend on how many steps there are in all; undefined where they do not. `warmup`: as a share of all steps. */
export function whyTotalMatters(schedule: LearningRateSchedule, warmup = 0): string | undefined {
  if (schedule !== "constant")
    return `with the schedule ${schedule} the learning rate of every step depends on how many there are in all`;
  return warmup > 0 ? "the learning rate grows over a share of all steps (warmup)" : undefined;
}

/**
 * Learning rate of every step, as a function of the steps done before it (0 to totalSteps - 1). Throws `InputError` where
 * the warm-up is longer than the training.
 */
export function learningRate(options: LearningRateOptions): (step: number) => number {
  const { schedule, peak, warmupSteps, totalSteps, finalShare } = options;
  if (warmupSteps > totalSteps)
    throw new InputError(`got ${warmupSteps} steps, and the whole training has ${totalSteps}`, { field: "warmup" });
  const decaySteps = Math.max(1, totalSteps - warmupSteps);
  return (step) => {
    if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
    if (schedule === "constant") return peak;
    const progress = Math.min(1, (step - warmupSteps) / decaySteps);
    const left = schedule === "linear" ? 1 - progress : (1 + Math.cos(Math.PI * progress)) / 2;
    return peak * (finalShare + (1 - finalShare) * left);
  };
}
