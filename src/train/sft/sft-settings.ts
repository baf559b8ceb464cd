import { z } from "zod";
import type { AdamParams } from "../../tinker/trainer.ts";
import type { RecipeShape } from "../recipe/train-recipe.ts";
import { learningRateSchedules } from "./learning-rate.ts";

const count = z.int().min(1);
const share = z.number().min(0).max(1);
const path = z.string().min(1);

/** What decides the weights of every step, beside data and model. Defaults are the method's (CE-RM), or ours where it says nothing. */
export const sftSettingsSchema = z.strictObject({
  /** Conversations of a step. */
  batchSize: count.default(64),
  /** Passes over the data. */
  epochs: count.default(3),
  /** Steps in all, which are then the length of the schedule too. Default: all epochs. */
  steps: count.optional(),
  /** The highest learning rate. The method trains all weights with 1e-5; LoRA is usually trained with about ten times more. */
  learningRate: z.number().positive().max(1).default(1e-5),
  schedule: z.enum(learningRateSchedules).default("cosine"),
  /** Share of the steps over which the rate grows from 0. */
  warmup: share.default(0.03),
  /** What the rate falls to, as a share of the highest. */
  finalShare: share.default(0.1),
  beta1: share.default(0.9),
  beta2: share.default(0.95),
  epsilon: z.number().positive().default(1e-8),
  weightDecay: z.number().min(0).default(0),
  /** Of the order of the data. */
  seed: z.int().min(0).default(0),
});

export type SftSettings = z.infer<typeof sftSettingsSchema>;

/** What a run is besides its settings. */
const surroundings = z.object({
  /** Conversations to train on. */
  data: z.union([path, z.array(path).min(1)]).optional(),
  /** Conversations to measure the loss on. */
  heldOut: z.union([path, z.array(path).min(1)]).optional(),
  /** Longest conversation in tokens. */
  maxTokens: count.optional(),
  /** What becomes of longer ones. */
  tooLong: z.enum(["refuse", "drop"]).optional(),
  /** Folder of the base model, for its tokenizer and chat template. */
  model: path.optional(),
  /** Name of the base model as the server knows it. */
  baseModel: path.optional(),
  baseUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** LoRA rank. */
  rank: count.optional(),
  /** Saved training weights to begin with, or the directory of a run that made some. */
  adapter: path.optional(),
  tokenBudget: count.optional(),
  evaluateEvery: count.optional(),
  checkpointEvery: count.optional(),
  keepLast: count.optional(),
  restarts: z.int().min(0).optional(),
});

export const sftRecipe = {
  settings: sftSettingsSchema,
  surroundings,
  paths: ["data", "heldOut"],
  namesOrPaths: ["model", "adapter"],
} satisfies RecipeShape<typeof sftSettingsSchema.shape, typeof surroundings.shape>;

/** The optimiser's settings at a learning rate. */
export function adamOf({ beta1, beta2, epsilon, weightDecay }: SftSettings, rate: number): AdamParams {
  return { learningRate: rate, beta1, beta2, epsilon, weightDecay };
}
