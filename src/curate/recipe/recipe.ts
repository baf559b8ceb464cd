import { z } from "zod";

const path = z.string().min(1);
const share = z.number().min(0).max(1);
const column = z.string().min(1);

/** An input: preference data and what is to be known about it. */
const inputSchema = z.strictObject({
  /** Files or folders; relative ones are looked for from the recipe's folder. */
  path: z.union([path, z.array(path).min(1)]),
  /** Its shape (see `cerm data inspect --help`). Default: told from the first row. */
  preset: z.string().optional(),
  /** Where a pair's parts are, instead of a preset. */
  columns: z
    .strictObject({
      prompt: column.optional(),
      chosen: column,
      rejected: column,
      id: column.optional(),
      strength: column.optional(),
      domain: column.optional(),
      source: column.optional(),
    })
    .optional(),
  /** In ids, the card and the report. Default: the preset's, or the path's last part. */
  name: z.string().min(1).optional(),
  /** What the card says of its licence. Default: the preset's. */
  licence: z.string().optional(),
  /** How much of it is wanted where the budget chooses: its share is its number of rows times this. */
  weight: z.number().positive().default(1),
});

const judgeSchema = z.strictObject({
  engine: z.enum(["embedded", "openai", "replay"]).optional(),
  model: z.string().optional(),
  baseUrl: z.union([z.string(), z.array(z.string())]).optional(),
  pack: z.string().optional(),
  mode: z.enum(["unified", "per-response", "implicit"]).optional(),
  guided: z.boolean().optional(),
  replay: path.optional(),
  store: z.string().optional(),
  temperature: z.number().min(0).optional(),
  topP: z.number().positive().max(1).optional(),
  seed: z.int().min(0).optional(),
});

/** A recipe as YAML has it, defaults filled in; stages have their names and settings still unread. */
export const recipeSchema = z.strictObject({
  name: z.string().regex(/^[\w.-]+$/, "expected letters, digits, dots, dashes and underscores"),
  description: z.string().optional(),
  seed: z.int().min(0).default(0),
  /** A row or file that cannot be read: left out and counted, or the end of the run. */
  onBroken: z.enum(["skip", "refuse"]).default("skip"),
  /** Longest row of JSON Lines, JSON and CSV in bytes. */
  maxRowBytes: z
    .int()
    .min(1)
    .default(16 << 20),
  inputs: z.array(inputSchema).min(1),
  /** What lengths in tokens are counted by. */
  tokens: z.union([z.literal("characters"), z.strictObject({ tokenizer: path })]).default("characters"),
  judge: judgeSchema.default({}),
  stages: z.array(z.union([z.string(), z.record(z.string(), z.unknown())])).min(1),
  /** Shares of rows by split; what is left is `train`. Rows with nearly the same prompt go to the same split. */
  splits: z
    .strictObject({
      heldOut: share.default(0),
      test: share.default(0),
      /** Prompts at least so similar (Jaccard, runs of three words) go together. */
      similarity: z.number().min(0.3).max(1).default(0.6),
    })
    .default({ heldOut: 0, test: 0, similarity: 0.6 })
    .refine(({ heldOut, test }) => heldOut + test < 1, "the shares leave nothing to train on"),
  outputs: z
    .strictObject({ parquet: z.boolean().default(true), report: z.boolean().default(true) })
    .default({ parquet: true, report: true }),
});

export type RecipeFile = z.infer<typeof recipeSchema>;
export type RecipeInput = RecipeFile["inputs"][number];

/** A stage of a recipe with its settings, defaults filled in. */
export interface RecipeStage {
  name: string;
  settings: unknown;
}

/** A recipe that was read: paths are absolute, stages checked. */
export interface Recipe extends Omit<RecipeFile, "stages" | "inputs"> {
  /** The file, as given. */
  file: string;
  inputs: (Omit<RecipeInput, "path" | "name"> & { path: string[]; name: string; source: string | undefined })[];
  stages: RecipeStage[];
}
