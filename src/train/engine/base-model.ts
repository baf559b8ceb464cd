import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, resolve } from "node:path";
import { readMachine } from "../../engines/models/machine.ts";
import { parseModelSpec } from "../../engines/models/model-spec.ts";
import { modelsDirectory } from "../../engines/models/models-directory.ts";
import type { PullOptions } from "../../engines/models/pull-options.ts";
import { resolveModel } from "../../engines/models/resolve-model.ts";
import { convertGguf } from "./convert-gguf.ts";
import { downloadSafetensors } from "./download-safetensors.ts";
import type { PythonEnvironment } from "./install-environment.ts";
import { checkModelFolder } from "./model-config.ts";

/** A base model on this machine, as the engine reads it. */
export interface BaseModel {
  name: string;
  /** Absolute path of a folder with config.json, tokenizer and safetensors. */
  path: string;
  /** Where it came from, as precisely as it is known. */
  source: string;
  /** What the user named. */
  requested: string;
}

export interface BaseModelOptions extends Omit<PullOptions, "directory" | "say"> {
  /** Folder of base models (`EnginePaths.models`). */
  directory: string;
  /** Converts GGUF files. Called only for these. */
  environment: () => Promise<PythonEnvironment>;
  say: (line: string) => void;
}

/**
 * Brings a base model to this machine: a folder, `hf:owner/repo` with safetensors, or a GGUF file, which may be named in
 * any way that `--model` of the embedded engine knows. Throws an `InputError`, a `ModelError` or a `LocalEngineError`.
 */
export async function resolveBaseModel(text: string, options: BaseModelOptions): Promise<BaseModel> {
  const folder = resolve(text.replace(/^file:(?!\/\/)/, "").replace(/^~(?=[\\/])/, homedir()));
  if ((await stat(folder).catch(() => undefined))?.isDirectory()) {
    await checkModelFolder(folder);
    return { name: basename(folder), path: folder, source: folder, requested: text };
  }
  const spec = parseModelSpec(text);
  if (spec.kind === "hf" && spec.file === undefined) {
    const path = await downloadSafetensors(spec, options);
    if (path !== undefined) return { name: `${spec.owner}/${spec.repo}`, path, source: text, requested: text };
  }
  const gguf = await resolveModel(spec, {
    ...options,
    directory: modelsDirectory(options.env),
    machine: readMachine(),
  });
  const environment = await options.environment();
  const env = options.env ?? process.env;
  const path = await convertGguf(gguf.path, { ...options, environment, env });
  return { name: gguf.name, path, source: gguf.source, requested: text };
}
