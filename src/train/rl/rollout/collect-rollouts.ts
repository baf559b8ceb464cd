import type { PreferencePair } from "../../../core/preference-pair.ts";
import { deriveSeed } from "../../../core/random.ts";
import type { InstanceRollout } from "../trajectory.ts";
import { allOrNone } from "./all-or-none.ts";
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
  return await allOrNone(context.signal, pairs, (pair, signal, index) =>
    sampleInstance({ ...context, signal }, pair, shape, deriveSeed(seed, index)),
  );
}
