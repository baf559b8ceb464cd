import type { PreferencePair } from "../../../core/preference-pair.ts";
import { deriveSeed } from "../../../core/random.ts";
import type { InstanceRollout } from "../trajectory.ts";
import type { RolloutContext } from "./sample-answer.ts";
import { type RolloutShape, sampleInstance } from "./sample-instance.ts";

/**
 * Samples the rollouts of a step's instances, in their order. Everything that can run runs, as far as the queue lets it:
 * neither stages nor instances wait for each other. When one fails, the others are ended before it throws.
 */
export async function collectRollouts(
  context: RolloutContext,
  pairs: readonly PreferencePair[],
  shape: RolloutShape,
  seed: number,
): Promise<InstanceRollout[]> {
  const failure = new AbortController();
  const signal = context.signal === undefined ? failure.signal : AbortSignal.any([context.signal, failure.signal]);
  const instances = pairs.map((pair, index) =>
    sampleInstance({ ...context, signal }, pair, shape, deriveSeed(seed, index)),
  );
  try {
    return await Promise.all(instances);
  } catch (error) {
    failure.abort(error);
    await Promise.allSettled(instances);
    throw error;
  }
}
