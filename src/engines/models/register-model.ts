import { join } from "node:path";
import { readGgufInfo } from "./gguf-info.ts";
import { ModelError } from "./model-error.ts";
import { findModel, saveRecord } from "./model-index.ts";
import type { ModelRecord, PulledModel } from "./pulled-model.ts";
import { recordFilePath } from "./pulled-model.ts";

/** What is known of a model before its files are read. */
export type NewModel = Pick<ModelRecord, "name" | "source" | "files" | "license">;

/** Reads a model's files and writes its record. Throws a `ModelError` where they are not a GGUF language model. */
export async function registerModel(model: NewModel, directory: string, now: () => Date): Promise<PulledModel> {
  const info = await readModelInfo(model.files.map((file) => recordFilePath(directory, file.path)));
  return saveRecord(
    {
      ...model,
      pulledAt: now().toISOString(),
      architecture: info.architecture,
      parameterCount: info.parameterCount,
      contextLength: info.contextLength,
      license: model.license ?? info.license,
    },
    directory,
  );
}

/** What the files of one model say: the first one's metadata, the parameters of all. */
export async function readModelInfo(paths: readonly string[]): Promise<Awaited<ReturnType<typeof readGgufInfo>>> {
  const infos = await Promise.all(paths.map((path) => readGgufInfo(path)));
  const first = infos[0]!;
  const type = first.architecture === "clip" ? "mmproj" : first.type;
  if (type !== undefined && type !== "model")
    throw new ModelError(
      "not-gguf",
      `${paths[0]}: holds a GGUF of type ${type}, expected a language model. Name the model's own file`,
    );
  return {
    ...first,
    parameterCount: infos.reduce((sum, info) => sum + info.parameterCount, 0),
    bytes: infos.reduce((sum, info) => sum + info.bytes, 0),
  };
}

/** The first of `names` that no model of another source has. `isSame` says whether a source is the one to be registered. */
export async function freeName(
  names: readonly string[],
  directory: string,
  isSame: (source: string) => boolean,
): Promise<string> {
  for (const name of names) {
    const taken = await findModel(name, directory);
    if (taken === undefined || isSame(taken.source)) return name;
  }
  throw new ModelError(
    "model-busy",
    `every name for this model is taken in ${directory}: ${names.join(", ")}. Remove one of these models`,
  );
}

/** Path of the lock that guards one model, or one source, in a models directory. */
export function lockPath(directory: string, name: string): string {
  return join(directory, `${name}.lock`);
}
