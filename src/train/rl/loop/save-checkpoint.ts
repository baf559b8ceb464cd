import type { TrainRun } from "../../checkpoints/train-run.ts";
import type { Policy } from "./policy.ts";
import type { ResolvedRlOptions } from "./rl-options.ts";
import type { RlState } from "./rl-run.ts";

/** Saves weights and optimiser after a step where that is due: every so many steps, at the end, and at the best accuracy yet. */
export async function saveCheckpoint(
  run: TrainRun<RlState>,
  policy: Policy,
  { step, accuracy }: { step: number; accuracy: number | undefined },
  { checkpointEvery, totalSteps, now, signal }: ResolvedRlOptions,
): Promise<void> {
  const isBest = accuracy !== undefined && accuracy > (run.ledger.best?.score ?? Number.NEGATIVE_INFINITY);
  if (!isBest && step % checkpointEvery !== 0 && step !== totalSteps) return;
  const path = await policy.trainer.saveWeights(stepName(step), signal);
  const savedAt = new Date(now()).toISOString();
  const { samplerPath, state } = policy;
  await run.ledger.record({ step, path, samplerPath, savedAt, score: accuracy, state });
}

/** Name of what is saved after a step. */
export function stepName(step: number): string {
  return `step-${String(step).padStart(6, "0")}`;
}
