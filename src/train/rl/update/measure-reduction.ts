import type { Datum } from "../../../tinker/datum.ts";
import type { AdamParams, Trainer } from "../../../tinker/trainer.ts";
import { TrainingError } from "../../training-error.ts";
import type { Reduction } from "./advantage-scales.ts";
import { gradientNorm } from "./check-pass.ts";

/** Targets of the short and of the long probe; both are padded to one shape. */
const [short, long] = [7, 15];
/** Targets of the short probe that are trained on. */
const trained = 4;
/** Advantage of the further targets of the long probe: trained on, and without weight. */
const trace = 1e-4;
/** A step that only sets the gradient back. */
const still: AdamParams = { learningRate: 0, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0 };

/**
 * Finds out how the server reduces losses, by gradient norms: of one sequence, of the same one twice, and of the same one
 * with a tail that has next to no advantage. Servers differ in this and none says so. It makes three optimiser steps at
 * learning rate 0, which leave the weights and stir the optimiser's moments: the model is not to be trained afterwards.
 * Undefined where the server gives no gradient norm. Throws `TrainingError` where no known rule explains the norms.
 */
export async function measureReduction(
  trainer: Trainer,
  tokens: ArrayLike<number>,
  signal?: AbortSignal,
): Promise<Reduction | undefined> {
  const norm = async (data: Datum[]) => {
    await trainer.forwardBackward(data, { name: "importance_sampling" }, signal);
    return gradientNorm((await trainer.optimStep(still, signal)).metrics);
  };
  const whole = Int32Array.from({ length: long + 1 }, (_, index) => tokens[index % tokens.length]!);
  const { logprobs } = await trainer.forward([probe(whole, long, new Float32Array(long))], signal);
  const one = probe(whole, short, logprobs[0]!);
  const alone = await norm([one]);
  if (alone === undefined) return undefined;
  const twice = (await norm([one, one]))!;
  const tailed = (await norm([probe(whole, long, logprobs[0]!)]))!;
  if (!(alone > 0))
    throw new TrainingError(
      "unknown-reduction",
      `the gradient norm of a probe is ${alone}, so how the server reduces losses cannot be measured; say it with --reduction`,
    );
  return {
    sequences: nearest(twice / alone, { sum: 2, mean: 1 }),
    tokens: nearest(tailed / alone, {
      sum: 1,
      "mean-of-targets": short / long,
      "mean-of-trained": trained / (trained + long - short),
    }),
  };
}

/** The first `count` targets; those after the first ones that are trained on have a trace of an advantage. */
function probe(whole: Int32Array, count: number, logprobs: Float32Array): Datum {
  const advantages = new Float32Array(count);
  advantages.fill(1, short - trained, short);
  advantages.fill(trace, short);
  return {
    input: whole.slice(0, count),
    target: whole.slice(1, count + 1),
    logprobs: logprobs.map((logprob, target) => (target < short - trained ? 0 : logprob)).slice(0, count),
    advantages,
  };
}

/** The rule whose ratio is within a tenth of the one that was measured. */
function nearest<Rule extends string>(measured: number, expected: Record<Rule, number>): Rule {
  const rules = Object.entries(expected) as [Rule, number][];
  const found = rules.find(([, ratio]) => Math.abs(measured / ratio - 1) < 0.1);
  if (found !== undefined) return found[0];
  const known = rules.map(([rule, ratio]) => `${rule} ${ratio.toPrecision(3)}`).join(", ");
  throw new TrainingError(
    "unknown-reduction",
    `the gradient norm of a probe changed by a factor of ${measured.toPrecision(3)}, where the known rules give ${known}; say how the server reduces losses with --reduction`,
  );
}
