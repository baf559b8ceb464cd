import { z } from "zod";
import type { RecipeShape } from "../recipe/train-recipe.ts";
import { rlSettingsSchema } from "./settings.ts";

const path = z.string().min(1);
const count = z.int().min(1);

/** What a run is besides its settings. */
const surroundings = z.object({
  /** Preference pairs to train on: files or folders. */
  data: z.union([path, z.array(path).min(1)]).optional(),
  /** Most tokens of a pair that is trained on: its dialogue with the longer response. Default: no limit. */
  maxPairTokens: count.optional(),
  /** Pairs to measure accuracy on. */
  heldOut: z.union([path, z.array(path).min(1)]).optional(),
  /** How many of them, drawn by the seed. Default: all. */
  heldOutLimit: count.optional(),
  /** Folder of the base model, for its tokenizer and chat template. */
  model: path.optional(),
  /** Name of the base model as the server knows it. */
  baseModel: path.optional(),
  baseUrl: z.url({ protocol: /^https?$/ }).optional(),
  pack: path.optional(),
  /** LoRA rank. */
  rank: count.optional(),
  /** Saved training weights to begin with, or the directory of a run that made some. */
  adapter: path.optional(),
  /** How the server reduces a loss. Default: measured. */
  reduction: z.enum(["sum", "mean"]).optional(),
  concurrency: count.optional(),
  tokenBudget: count.optional(),
  callsInFlight: count.optional(),
  evaluateEvery: count.optional(),
  checkpointEvery: count.optional(),
  keepLast: count.optional(),
  samplesPerStep: z.int().min(0).optional(),
  restarts: z.int().min(0).optional(),
});

export const rlRecipe = {
  settings: rlSettingsSchema,
  surroundings,
  paths: ["data", "heldOut"],
  namesOrPaths: ["model", "adapter", "pack"],
} satisfies RecipeShape<typeof rlSettingsSchema.shape, typeof surroundings.shape>;
