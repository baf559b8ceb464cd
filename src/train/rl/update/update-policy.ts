import { deriveSeed, seededRandom } from "../../../core/random.ts";
import type { AdamParams, Loss, Trainer } from "../../../tinker/trainer.ts";
import { planCalls } from "../../sft/plan-calls.ts";
import { TrainingError } from "../../training-error.ts";
import { allOrNone } from "../rollout/all-or-none.ts";
import { RequestQueue } from "../rollout/request-queue.ts";
import { advantageScales, type Normalisation, type Reduction } from "./advantage-scales.ts";
import { checkGradientNorm, checkPass, gradientNorm } from "./check-pass.ts";
import { type MiniBatch, makeMiniBatches } from "./mini-batches.ts";
import { measureOffPolicyness, mergeOffPolicyness, type OffPolicyness } from "./off-policyness.ts";
import { makeDatum, type TrainingSequence, targetCount } from "./training-sequence.ts";

export interface UpdateOptions {
  loss: Loss;
  adam: AdamParams;
  /** Optimiser steps in one pass over the sequences. */
  miniBatches: number;
  /** Passes over the sequences. */
  epochs: number;
  normalisation: Normalisation;
  reduction: Reduction;
  /** Most padded tokens in one call of the server. */
  tokenBudget: number;
  /** Calls that are sent before the first is answered. Some servers put waiting calls together and pad all to the longest. */
  callsInFlight: number;
  /** Highest KL between sampler and trainer, in nats a token, that is still trained on. */
  maxKl: number;
  seed: number;
  signal?: AbortSignal;
}

/** What an update was like. */
export interface UpdateReport {
  /**
   * `atStart`: before the first optimiser step, what sampler and trainer differ by, staleness included; `overall`: over all
   * mini-batches. Undefined where no sequence had an advantage, and nothing was sent.
   */
  offPolicyness: { atStart: OffPolicyness; overall: OffPolicyness } | undefined;
  /** One per optimiser step, where the server gives it. */
  gradientNorms: number[];
  optimiserSteps: number;
  /** Sequences and targets that were sent. */
  sequences: number;
  tokens: number;
}

/**
 * Updates the policy on the sequences of one step: deals them out to mini-batches, adds up the gradients of a mini-batch
 * pass by pass, and makes an optimiser step of each. A step is made only when every pass of its mini-batch has answered and
 * the answers are sound and near enough to the sampler's; else it throws (`TrainingError`, or the server's own error).
 */
export async function updatePolicy(
  trainer: Trainer,
  sequences: readonly TrainingSequence[],
  options: UpdateOptions,
): Promise<UpdateReport> {
  const measured: OffPolicyness[] = [];
  const gradientNorms: number[] = [];
  let sent = { sequences: 0, tokens: 0 };
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    const random = seededRandom(deriveSeed(options.seed, epoch));
    for (const batch of makeMiniBatches(sequences, options.miniBatches, random)) {
      const offPolicyness = await accumulate(trainer, batch, options);
      checkOffPolicyness(offPolicyness, options.maxKl, measured.length);
      const { metrics } = await trainer.optimStep(options.adam, options.signal);
      const norm = gradientNorm(metrics);
      checkGradientNorm(norm);
      if (norm !== undefined) gradientNorms.push(norm);
      measured.push(offPolicyness);
      sent = {
        sequences: sent.sequences + batch.sequences.length,
        tokens: batch.sequences.reduce((sum, { trajectory }) => sum + targetCount(trajectory), sent.tokens),
      };
    }
  }
  const offPolicyness =
    measured.length === 0 ? undefined : { atStart: measured[0]!, overall: mergeOffPolicyness(measured) };
  return { offPolicyness, gradientNorms, optimiserSteps: measured.length, ...sent };
}

/** Sends a mini-batch's passes, and compares the trainer's log-probabilities with the sampler's. */
async function accumulate(trainer: Trainer, batch: MiniBatch, options: UpdateOptions): Promise<OffPolicyness> {
  const { loss, tokenBudget, signal } = options;
  const scales = advantageScales(batch.sequences, batch.size, options);
  const calls = planCalls(
    batch.sequences.map(({ trajectory }) => targetCount(trajectory)),
    tokenBudget,
  );
  const queue = new RequestQueue(options.callsInFlight);
  const pass = async (items: number[]) => {
    const sequences = items.map((index) => batch.sequences[index]!);
    const data = items.map((index) => makeDatum(batch.sequences[index]!, scales[index]!));
    const result = await trainer.forwardBackward(data, loss, signal);
    checkPass(data, result);
    return measureOffPolicyness(sequences, result.logprobs, clipRange(loss));
  };
  return mergeOffPolicyness(
    await allOrNone(signal, calls, ({ items }, either) =>
      queue.run("evaluation", () => {
        either.throwIfAborted();
        return pass(items);
      }),
    ),
  );
}

function clipRange({ config }: Loss): { low: number; high: number } | undefined {
  const { clip_low_threshold: low, clip_high_threshold: high } = config ?? {};
  return low === undefined || high === undefined ? undefined : { low, high };
}

function checkOffPolicyness({ kl, ratioMax }: OffPolicyness, maxKl: number, stepsBefore: number): void {
  if (kl <= maxKl) return;
  const cause =
    stepsBefore === 0
      ? "Sampler and trainer do not agree about the same weights: look for different number types, chat templates or tokenizers, a sampler that was not given the new weights, or sampling at a temperature or top-p other than 1. Where sampling overlaps training, try without"
      : `The policy has moved that far within the ${stepsBefore} optimiser steps on these samples: lower the learning rate, take fewer mini-batches or epochs a step`;
  throw new TrainingError(
    "off-policy",
    `the KL between sampler and trainer is ${kl.toPrecision(3)} nats a token (highest ratio ${ratioMax.toPrecision(3)}), above the limit of ${maxKl}. ${cause}. The step was not made; the last checkpoint is whole`,
  );
}
