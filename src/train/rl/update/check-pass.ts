import type { Datum } from "../../../tinker/datum.ts";
import type { PassResult } from "../../../tinker/trainer.ts";
import { TrainingError } from "../../training-error.ts";

/** Makes sure that a pass answered for every datum and every target with a number. Throws `TrainingError` else. */
export function checkPass(data: readonly Datum[], { logprobs }: PassResult): void {
  if (logprobs.length !== data.length)
    throw badNumbers(`the server gave log-probabilities of ${logprobs.length} sequences, of ${data.length} sent`);
  data.forEach(({ target }, index) => {
    const given = logprobs[index]!;
    if (given.length !== target.length)
      throw badNumbers(`the server gave ${given.length} log-probabilities for ${target.length} targets`);
    const bad = given.findIndex((logprob) => !Number.isFinite(logprob));
    if (bad !== -1)
      throw badNumbers(`the trainer's log-probability of target ${bad} of ${given.length} is ${given[bad]}`);
  });
}

/** Makes sure that the optimiser's gradient norm, where the server gives one, is a number. Throws `TrainingError` else. */
export function checkGradientNorm(norm: number | undefined): void {
  if (norm !== undefined && !Number.isFinite(norm)) throw badNumbers(`the gradient norm is ${norm}`);
}

function badNumbers(what: string): TrainingError {
  return new TrainingError(
    "bad-numbers",
    `${what}. Training stops here, and no checkpoint is made of it: the same command goes on from the last one. Where it happens again, lower the learning rate or choose another number type for the model`,
  );
}

/** The gradient norm among a server's metrics, by the names that servers have for it. */
export function gradientNorm(metrics: Record<string, number>): number | undefined {
  const name = Object.keys(metrics).find((key) => /grad(ient)?_norm/.test(key));
  return name === undefined ? undefined : metrics[name];
}
