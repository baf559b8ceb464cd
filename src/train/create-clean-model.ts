import type { TinkerTrainer } from "../tinker/create-trainer.ts";
import type { CreateModelOptions, TinkerClient } from "../tinker/open-tinker.ts";
import { TinkerError } from "../tinker/tinker-error.ts";

/**
 * Makes a model whose first optimiser step is its own. SkyRL's JAX backend (0.4.0) gives a new model the place of one that is
 * gone with whatever gradients that one had added up: after a run was killed within a step, the next model there would step
 * along them too. An optimiser step of a model that is given up afterwards clears the place.
 */
export async function createCleanModel(client: TinkerClient, options: CreateModelOptions): Promise<TinkerTrainer> {
  const { signal } = options;
  const scratch = await client.createModel(options);
  const still = { learningRate: 0, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0 };
  await scratch.optimStep(still, signal).catch((error: unknown) => {
    // Without gradients a server may have no norm of them; the place is clear all the same.
    if (!(error instanceof TinkerError && error.fault === "not-finite")) throw error;
  });
  await client.unloadModel(scratch.modelId, signal);
  return await client.createModel(options);
}
