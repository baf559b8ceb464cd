import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { InputError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import { fileError } from "../../data/read-bytes.ts";
import { rlSettingsSchema } from "./settings.ts";

const path = z.string().min(1);
const count = z.int().min(1);

/** What a run is besides its settings: where data, model and server are, and how the run is watched. */
const surroundings = {
  /** Preference pairs to train on: files or folders. */
  data: z.union([path, z.array(path).min(1)]).optional(),
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
  reduction: z.enum(["sum", "mean"]).optional(),
  concurrency: count.optional(),
  tokenBudget: count.optional(),
  evaluateEvery: count.optional(),
  checkpointEvery: count.optional(),
  keepLast: count.optional(),
  samplesPerStep: z.int().min(0).optional(),
  restarts: z.int().min(0).optional(),
};

const settingNames = Object.keys(rlSettingsSchema.shape);
// Without the defaults, which are filled in when recipe and options are put together.
const recipeSchema = z.strictObject({ ...surroundings, ...rlSettingsSchema.partial().shape });
const surroundingsSchema = z.object(surroundings);

/** A recipe as a file or the command line gives it. */
export interface RlRecipe {
  settings: Record<string, unknown>;
  surroundings: z.infer<typeof surroundingsSchema>;
}

/**
 * Reads a recipe (YAML): settings and surroundings by name. Paths in it are taken from its folder, `adapter` and `model`
 * where they begin with a dot. Throws `InputError` with file, line and field for what is no recipe.
 */
export async function readRlRecipe(file: string): Promise<RlRecipe> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw fileError(error, file);
  });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [broken] = document.errors;
  if (broken !== undefined)
    throw new InputError(broken.message.split("\n")[0]!, { file, line: lines.linePos(broken.pos[0]).line });
  const recipe = parseRlRecipe((document.toJS() ?? {}) as Record<string, unknown>, file);
  const folder = dirname(resolve(file));
  const within = (one: string) => (isAbsolute(one) ? one : join(folder, one));
  const { data, heldOut, model, adapter, pack, ...rest } = recipe.surroundings;
  return {
    settings: recipe.settings,
    surroundings: {
      ...rest,
      data: data === undefined ? undefined : [data].flat().map(within),
      heldOut: heldOut === undefined ? undefined : [heldOut].flat().map(within),
      model: model?.startsWith(".") ? within(model) : model,
      adapter: adapter?.startsWith(".") ? within(adapter) : adapter,
      pack: pack?.startsWith(".") ? within(pack) : pack,
    },
  };
}

/** Parts settings from surroundings. Throws `InputError` for names and values that are neither. */
export function parseRlRecipe(given: Record<string, unknown>, file?: string): RlRecipe {
  const known = Object.keys(recipeSchema.shape);
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const meant = nearest(unknown, known);
    const advice = meant === undefined ? `expected one of ${known.join(", ")}` : `did you mean ${meant}?`;
    throw new InputError(`is no setting; ${advice}`, { file, field: unknown });
  }
  const settings = Object.fromEntries(Object.entries(given).filter(([name]) => settingNames.includes(name)));
  const parsed = recipeSchema.safeParse(given);
  if (!parsed.success) {
    const { path: place, message } = parsed.error.issues[0]!;
    throw new InputError(`${message} (got ${JSON.stringify(given[String(place[0])])})`, {
      file,
      field: place.join("."),
    });
  }
  return { settings, surroundings: surroundingsSchema.parse(given) };
}
