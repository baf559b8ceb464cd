import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { InputError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import { fileError } from "../../data/read-bytes.ts";

/** What a recipe of one method may say. */
export interface RecipeShape<Settings extends z.ZodRawShape, Surroundings extends z.ZodRawShape> {
  /** What decides the weights. Defaults are filled in when recipe and options are put together. */
  settings: z.ZodObject<Settings>;
  /** Where data, model and server are, and how the run is watched. */
  surroundings: z.ZodObject<Surroundings>;
  /** Surroundings that are paths of files, taken from the recipe's folder. */
  paths: (keyof Surroundings & string)[];
  /** Surroundings that are names or paths; a path begins with a dot. */
  namesOrPaths: (keyof Surroundings & string)[];
}

/** A recipe as a file or the command line gives it. */
export interface TrainRecipe<Surroundings extends z.ZodRawShape> {
  settings: Record<string, unknown>;
  surroundings: z.infer<z.ZodObject<Surroundings>>;
}

/**
 * Reads a recipe (YAML): settings and surroundings of a method by name. Throws `InputError` with file, line and field for
 * what is no recipe.
 */
export async function readTrainRecipe<Settings extends z.ZodRawShape, Surroundings extends z.ZodRawShape>(
  file: string,
  shape: RecipeShape<Settings, Surroundings>,
): Promise<TrainRecipe<Surroundings>> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw fileError(error, file);
  });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [broken] = document.errors;
  if (broken !== undefined)
    throw new InputError(broken.message.split("\n")[0]!, { file, line: lines.linePos(broken.pos[0]).line });
  const given = (document.toJS() ?? {}) as Record<string, unknown>;
  const folder = dirname(resolve(file));
  const within = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(within);
    return typeof value !== "string" || isAbsolute(value) ? value : join(folder, value);
  };
  for (const name of shape.paths) if (name in given) given[name] = within(given[name]);
  for (const name of shape.namesOrPaths)
    if (typeof given[name] === "string" && given[name].startsWith(".")) given[name] = within(given[name]);
  return parseTrainRecipe(given, shape, file);
}

/** Parts settings from surroundings. Throws `InputError` for names and values that are neither. */
export function parseTrainRecipe<Settings extends z.ZodRawShape, Surroundings extends z.ZodRawShape>(
  given: Record<string, unknown>,
  shape: RecipeShape<Settings, Surroundings>,
  file?: string,
): TrainRecipe<Surroundings> {
  const settingNames = Object.keys(shape.settings.shape);
  const known = [...Object.keys(shape.surroundings.shape), ...settingNames];
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const meant = nearest(unknown, known);
    const advice = meant === undefined ? `expected one of ${known.join(", ")}` : `did you mean ${meant}?`;
    throw new InputError(`is no setting; ${advice}`, { file, field: unknown });
  }
  const part = (names: string[]) =>
    Object.fromEntries(names.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]] as const])));
  const settings = part(settingNames);
  check(shape.settings.partial(), settings, file);
  return { settings, surroundings: check(shape.surroundings, part(Object.keys(shape.surroundings.shape)), file) };
}

function check<T>(schema: z.ZodType<T>, given: Record<string, unknown>, file: string | undefined): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new InputError(`${message} (got ${JSON.stringify(given[String(path[0])])})`, { file, field: path.join(".") });
}

/** A recipe with another over it: the command line's over the file's. */
export function overRecipe<Surroundings extends z.ZodRawShape>(
  recipe: TrainRecipe<Surroundings>,
  over: TrainRecipe<Surroundings>,
): TrainRecipe<Surroundings> {
  return {
    settings: { ...recipe.settings, ...over.settings },
    surroundings: { ...recipe.surroundings, ...over.surroundings },
  };
}
