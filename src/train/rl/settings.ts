import { z } from "zod";
import type { AdamParams, Loss } from "../../tinker/trainer.ts";
import { learningRateSchedules } from "../sft/learning-rate.ts";
import { advantageGroups } from "./rewards/advantages.ts";
import { controls } from "./rewards/control.ts";
import { normalisations } from "./update/advantage-scales.ts";

const count = z.int().min(1);
const share = z.number().min(0).max(1);

/** Policy losses the trainer may be asked for. */
export const policyLosses = ["ppo", "importance_sampling", "cispo"] as const;

/** Ratios at which a loss clips where nothing else is said; `importance_sampling` has none. */
const defaultClip = { ppo: { low: 0.8, high: 1.2 }, cispo: { low: 0, high: 5 } };

/** What decides the weights of every step, beside data and model. Defaults are the method's (CE-RM), or ours where it says nothing. */
export const rlSettingsSchema = z.strictObject({
  /** Where criteria come from; `implicit` is the single-stage ablation, `per-response` has criteria of its own for either response. */
  mode: z.enum(["unified", "per-response", "implicit"]).default("unified"),
  /** Criteria lists of an instance. */
  criteriaSamples: count.default(4),
  /** Evaluations of each response by each list. */
  evaluations: count.default(2),
  /** Pairs of a step. */
  instances: count.default(64),
  /** Steps in all. Default: one pass over the pairs. */
  steps: count.optional(),
  /** Of sampling. Log-probabilities are those at 1: other temperatures train off the policy. */
  temperature: z.number().positive().default(1),
  topP: z.number().positive().max(1).default(1),
  /** Most new tokens of an answer. Default: the pack's. */
  maxCriteriaTokens: count.optional(),
  maxEvaluationTokens: count.optional(),
  /** Answers that reach their limit: punished like unreadable ones, or left out of everything. */
  unfinished: z.enum(["penalise", "mask"]).default("penalise"),
  /** Reward of an answer that cannot be read. */
  formatPenalty: z.number().default(-1),
  /** Whose rewards are compared; the others are ablations. */
  advantageGroups: z.enum(advantageGroups).default("three"),
  /** Whether the writing of criteria is trained too. */
  trainCriteria: z.boolean().default(true),
  /** A run that must not learn, to show that learning comes from the rewards. */
  control: z.enum(controls).optional(),
  loss: z.enum(policyLosses).default("ppo"),
  /** Ratios at which the loss clips. Default: ppo 0.8 and 1.2, cispo 0 and 5. */
  clipLow: z.number().min(0).optional(),
  clipHigh: z.number().positive().optional(),
  /** What counts the same in the loss: every token, or every trajectory. */
  normalisation: z.enum(normalisations).default("token"),
  /** Optimiser steps in one pass over a step's trajectories. */
  miniBatches: count.default(4),
  /** Passes over a step's trajectories. */
  epochs: count.default(1),
  /** Coefficient of the KL penalty to the policy that training began with; 0: none. */
  kl: z.number().min(0).default(1e-3),
  /** The highest learning rate. The method trains all weights with 2e-6; LoRA is usually trained with 10 to 100 times more. */
  learningRate: z.number().positive().max(1).default(2e-5),
  schedule: z.enum(learningRateSchedules).default("constant"),
  warmupSteps: z.int().min(0).default(0),
  finalShare: share.default(0),
  beta1: share.default(0.9),
  beta2: share.default(0.95),
  epsilon: z.number().positive().default(1e-8),
  weightDecay: z.number().min(0).default(0),
  /** The next step's sampling begins before this step's training, on weights that are one step older. */
  overlap: z.boolean().default(false),
  /** Highest KL between sampler and trainer, in nats a token, that is trained on. */
  maxKl: z.number().positive().default(0.2),
  seed: z.int().min(0).default(0),
});

export type RlSettings = z.infer<typeof rlSettingsSchema>;

/** The optimiser's settings at a learning rate. */
export function adamOf({ beta1, beta2, epsilon, weightDecay }: RlSettings, rate: number): AdamParams {
  return { learningRate: rate, beta1, beta2, epsilon, weightDecay };
}

/** The loss as the server takes it. */
export function lossOf({ loss, clipLow, clipHigh }: RlSettings): Loss {
  if (loss === "importance_sampling") return { name: loss };
  const { low, high } = defaultClip[loss];
  return { name: loss, config: { clip_low_threshold: clipLow ?? low, clip_high_threshold: clipHigh ?? high } };
}
