import { readdir, readFile, rm, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { ModelError, systemCode } from "./model-error.ts";
import { nearNames } from "./near-names.ts";
import {
  type ModelRecord,
  modelOfRecord,
  modelRecordSchema,
  type PulledModel,
  recordFilePath,
} from "./pulled-model.ts";
import { writeFileAtomically } from "./write-atomically.ts";

/** A record whose model cannot be used, and why. */
export interface ModelProblem {
  name: string;
  problem: string;
}

/** Every usable model in `directory`, by name, and what is wrong with the others. A missing directory holds none. */
export async function inspectModels(directory: string): Promise<{ models: PulledModel[]; problems: ModelProblem[] }> {
  const entries = await readdir(directory).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  });
  const models: PulledModel[] = [];
  const problems: ModelProblem[] = [];
  for (const entry of entries.filter((entry) => entry.endsWith(".json")).sort()) {
    const name = entry.slice(0, -".json".length);
    const record = await readRecord(directory, name);
    if (record === undefined) continue;
    const problem = "problem" in record ? record.problem : await fileProblem(directory, record);
    if (problem !== undefined) problems.push({ name, problem });
    else models.push(modelOfRecord(record as ModelRecord, directory));
  }
  return { models, problems };
}

/** Every usable model in `directory`, by name. */
export async function listModels(directory: string): Promise<PulledModel[]> {
  return (await inspectModels(directory)).models;
}

/** The pulled model of that name (case counts only where two names differ in it), or `undefined`. */
export async function findModel(name: string, directory: string): Promise<PulledModel | undefined> {
  const models = await listModels(directory);
  const wanted = name.toLowerCase();
  return models.find((model) => model.name === name) ?? models.find((model) => model.name.toLowerCase() === wanted);
}

/** As `findModel`, but throws a `ModelError` that says what is wrong with that model, or lists what is there. */
export async function requireModel(name: string, directory: string): Promise<PulledModel> {
  const found = await findModel(name, directory);
  if (found !== undefined) return found;
  const { models, problems } = await inspectModels(directory);
  const broken = problems.find((problem) => problem.name === name);
  if (broken !== undefined)
    throw new ModelError("model-not-found", `model ${name} in ${directory}: ${broken.problem}. Pull it again`);
  const names = models.map((model) => model.name);
  const near = nearNames(name, names);
  const there =
    names.length === 0 ? "none is there yet" : `there ${names.length === 1 ? "is" : "are"} ${names.join(", ")}`;
  throw new ModelError(
    "model-not-found",
    `no pulled model is named ${JSON.stringify(name)} in ${directory}: ${there}.${near.length > 0 ? ` Did you mean ${near[0]}?` : ""} Pull one with cerm models pull SPEC`,
  );
}

/** Writes a model's record; it is there completely or not at all. */
export async function saveRecord(record: ModelRecord, directory: string): Promise<PulledModel> {
  const parsed = modelRecordSchema.parse(record);
  await writeFileAtomically(join(directory, `${parsed.name}.json`), `${JSON.stringify(parsed, undefined, 2)}\n`);
  return modelOfRecord(parsed, directory);
}

/** Removes a model: its record, and its files unless they are the user's own. Returns whether there was one. */
export async function removeModel(name: string, directory: string): Promise<boolean> {
  // What is removed must be a name, and no way out of the directory.
  const isName = modelRecordSchema.shape.name.safeParse(name).success;
  if (!isName || (await readRecord(directory, name)) === undefined) return false;
  await rm(join(directory, `${name}.json`), { force: true });
  // A model's copied files have a folder of its name to themselves.
  await rm(join(directory, name), { recursive: true, force: true });
  return true;
}

async function readRecord(directory: string, name: string): Promise<ModelRecord | { problem: string } | undefined> {
  const path = join(directory, `${name}.json`);
  let content: string;
  try {
    content = await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    return { problem: `its record ${path} cannot be read: ${(error as Error).message}` };
  }
  try {
    const parsed = modelRecordSchema.safeParse(JSON.parse(content));
    if (parsed.success && parsed.data.name === name) return parsed.data;
  } catch {
    // Not JSON: the same problem.
  }
  return { problem: `its record ${path} is damaged` };
}

async function fileProblem(directory: string, record: ModelRecord): Promise<string | undefined> {
  for (const file of record.files) {
    const path = recordFilePath(directory, file.path);
    const stats = await stat(path).catch(() => undefined);
    if (stats === undefined) return `its file ${path} is gone`;
    if (stats.size !== file.bytes)
      return `its file ${path} has ${stats.size} bytes, expected ${file.bytes}${isAbsolute(file.path) ? ": it was changed" : ""}`;
  }
  return undefined;
}
