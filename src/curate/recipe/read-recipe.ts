import { readFile } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { InputError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import { fileError } from "../../data/read-bytes.ts";
import { shorten } from "../../data/shorten.ts";
import type { Stage } from "../stages/stage.ts";
import { type Recipe, type RecipeFile, type RecipeInput, type RecipeStage, recipeSchema } from "./recipe.ts";
import { resolvePaths } from "./resolve-paths.ts";

/**
 * Reads a recipe. `stages` are those that it may name. Throws `InputError` with file, line and field for what is no recipe.
 */
export async function readRecipe(file: string, stages: readonly Stage[]): Promise<Recipe> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw fileError(error, file);
  });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const message = broken.message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "");
    throw new InputError(message, { file, line: lines.linePos(broken.pos[0]).line });
  }
  const fault = (path: PropertyKey[], message: string) =>
    new InputError(message, { file, line: lineOf(document, lines, path), field: fieldName(path) });
  const parsed = recipeSchema.safeParse(document.toJS() ?? {});
  if (!parsed.success) throw issueFault(parsed.error.issues[0]!, document.toJS(), fault);
  const recipe: RecipeFile = parsed.data;
  const folder = dirname(resolve(file));
  return {
    ...recipe,
    file,
    inputs: named(recipe.inputs, folder, fault),
    tokens: recipe.tokens === "characters" ? "characters" : { tokenizer: absolute(recipe.tokens.tokenizer, folder) },
    judge: { ...recipe.judge, ...(recipe.judge.replay && { replay: absolute(recipe.judge.replay, folder) }) },
    stages: recipe.stages.map((entry, index) => readStage(entry, index, { stages, folder, fault })),
  };
}

type Fault = (path: PropertyKey[], message: string) => InputError;

function named(inputs: RecipeInput[], folder: string, fault: Fault): Recipe["inputs"] {
  const names = new Set<string>();
  return inputs.map((input, index) => {
    const path = [input.path].flat().map((one) => absolute(one, folder));
    const name = input.name ?? input.preset ?? basename(path[0]!).replace(/\.\w+(\.gz)?$/, "");
    if (names.has(name)) throw fault(["inputs", index, "name"], `two inputs are called "${name}"; give each a name`);
    names.add(name);
    // Rows in the normal form say themselves where they are from.
    const source = input.preset === "normal" ? undefined : input.name;
    return { ...input, path, name, source };
  });
}

function readStage(
  entry: RecipeFile["stages"][number],
  index: number,
  { stages, folder, fault }: { stages: readonly Stage[]; folder: string; fault: Fault },
): RecipeStage {
  const members = typeof entry === "string" ? [[entry, {}] as const] : Object.entries(entry);
  if (members.length !== 1)
    throw fault(["stages", index], `expected the name of one stage with its settings, got ${shorten(entry)}`);
  const [name, given] = members[0]!;
  const stage = stages.find((one) => one.name === name);
  if (stage === undefined) {
    const names = stages.map((one) => one.name);
    const meant = nearest(name, names);
    const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
    throw fault(["stages", index], `there is no stage "${name}"; there are ${names.join(", ")}${hint}`);
  }
  const parsed = stage.settings.safeParse(given ?? {});
  if (!parsed.success) {
    const below = (path: PropertyKey[], message: string) =>
      fault(typeof entry === "string" ? ["stages", index] : ["stages", index, name, ...path], message);
    throw issueFault(parsed.error.issues[0]!, given, below);
  }
  return { name, settings: resolvePaths(parsed.data, folder) };
}

function issueFault(issue: z.core.$ZodIssue, input: unknown, fault: Fault): InputError {
  if (issue.code === "unrecognized_keys") {
    const [key] = issue.keys;
    return fault([...issue.path, key!], "there is no such setting; correct its name or take it out");
  }
  if (issue.code === "invalid_union") {
    const deepest = issue.errors.flat().sort((a, b) => b.path.length - a.path.length)[0];
    if (deepest !== undefined && deepest.path.length > 0)
      return issueFault({ ...deepest, path: [...issue.path, ...deepest.path] }, input, fault);
  }
  const got = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)?.[key], input);
  return fault(issue.path, `${issue.message}; got ${shorten(got)}`);
}

function lineOf(document: Document, lines: LineCounter, path: PropertyKey[]): number | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

function fieldName(path: PropertyKey[]): string | undefined {
  const name = path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : `${index === 0 ? "" : "."}${String(key)}`))
    .join("");
  return name === "" ? undefined : name;
}

function absolute(path: string, folder: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}
