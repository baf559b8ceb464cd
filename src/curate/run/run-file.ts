import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../../core/errors.ts";
import { stableHash } from "../../core/hash.ts";
import { replaceFile } from "../../data/replace-file.ts";
import type { Recipe } from "../recipe/recipe.ts";
import type { HashedFile } from "./hash-inputs.ts";

/** Of what a stage does: a change that changes an outcome makes it another run. */
const format = 2;

const fileSchema = z.object({ name: z.string(), bytes: z.int(), sha256: z.string() });
const schema = z.object({
  kind: z.literal("curate"),
  format: z.literal(format),
  run: z.string(),
  startedAt: z.string(),
  version: z.string(),
  recipe: z.record(z.string(), z.unknown()),
  inputs: z.array(z.object({ name: z.string(), files: z.array(fileSchema) })),
  references: z.array(fileSchema),
});

/** What run.json of a curation says: what was asked, of which files, by which version. */
export type CurateRun = z.infer<typeof schema>;

/**
 * Begins a run in a folder, or goes on with the one that is there. Throws `InputError` where the folder holds a run of
 * another recipe, of other data, or of something else.
 */
export async function beginRun(
  directory: string,
  asked: { recipe: Recipe; inputs: { name: string; files: HashedFile[] }[]; references: HashedFile[] },
  about: { startedAt: string; version: string },
): Promise<CurateRun> {
  const { inputs, references } = asked;
  const recipe = portable(asked.recipe);
  const run = stableHash({ format, recipe, inputs, references }).slice(0, 12);
  const file = join(directory, "run.json");
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) {
    await mkdir(directory, { recursive: true });
    const described: CurateRun = { kind: "curate", format, run, ...about, recipe, inputs, references };
    await replaceFile(file, `${JSON.stringify(described, null, 2)}\n`);
    return described;
  }
  const parsed = schema.safeParse(parseJson(text));
  if (!parsed.success) throw new InputError("is not the description of a curation; choose another folder", { file });
  if (parsed.data.run !== run)
    throw new InputError(differenceFrom(parsed.data, { recipe, inputs, references }), { file });
  return parsed.data;
}

/** The recipe without what depends on where it lies: of paths, their files' names and hashes say more. */
function portable(recipe: Recipe): Record<string, unknown> {
  const { file: _, inputs, judge, ...rest } = recipe;
  const { store: __, baseUrl: ___, ...kept } = judge;
  return JSON.parse(
    JSON.stringify(
      { ...rest, judge: kept, inputs: inputs.map(({ path: ____, ...input }) => input) },
      (name, value: unknown) => (["path", "data", "tokenizer", "replay"].includes(name) ? undefined : value),
    ),
  ) as Record<string, unknown>;
}

function differenceFrom(before: CurateRun, now: Pick<CurateRun, "recipe" | "inputs" | "references">): string {
  const parts = [
    ["the recipe", before.recipe, now.recipe],
    ["the inputs' files", before.inputs, now.inputs],
    ["the files that stages use", before.references, now.references],
  ] as const;
  const changed = parts.filter(([, was, is]) => stableHash(was) !== stableHash(is)).map(([name]) => name);
  return `this folder holds a run of before ${changed.join(" and ")} changed; choose another folder, or delete this one to begin anew`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
