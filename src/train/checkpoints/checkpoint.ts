import { z } from "zod";

/** A point that training can go on from. */
export interface Checkpoint<State = unknown> {
  /** Optimiser steps done when it was saved. */
  step: number;
  /** Weights and optimiser state, as `Trainer.loadWeights` takes them. */
  path: string;
  /** The same weights for samplers and for export, where they were saved too. */
  samplerPath?: string;
  /** ISO 8601. */
  savedAt: string;
  /** The held-out measure that decides which checkpoint is best; absent where none was taken at this step. */
  score?: number;
  /** Everything else that the next step depends on (position in the data, seeds, ...), as JSON. */
  state: State;
}

/** Schema of a checkpoint with a method's own state. */
export function checkpointSchema<State>(state: z.ZodType<State>): z.ZodType<Checkpoint<State>> {
  // The compiler cannot tell that an object with a member of a generic schema's output is one with that member.
  return z.object({
    step: z.int().nonnegative(),
    path: z.string().min(1),
    samplerPath: z.string().min(1).optional(),
    savedAt: z.string(),
    score: z.number().optional(),
    state,
  }) as unknown as z.ZodType<Checkpoint<State>>;
}

/** Which held-out measure is better: a lower one (loss) or a higher one (accuracy). */
export type Better = "lower" | "higher";

/** The checkpoint with the best measure, the earliest of equals; undefined where none was measured. */
export function bestCheckpoint<State>(
  checkpoints: readonly Checkpoint<State>[],
  better: Better,
): Checkpoint<State> | undefined {
  const sign = better === "lower" ? -1 : 1;
  return checkpoints
    .filter(({ score }) => score !== undefined && Number.isFinite(score))
    .reduce<Checkpoint<State> | undefined>(
      (best, one) => (best === undefined || sign * one.score! > sign * best.score! ? one : best),
      undefined,
    );
}
