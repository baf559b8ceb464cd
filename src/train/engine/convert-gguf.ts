import { mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { stableHash } from "../../core/hash.ts";
import { formatBytes } from "../../engines/models/format-bytes.ts";
import { readGgufInfo } from "../../engines/models/gguf-info.ts";
import { modelNameOf, shardOf } from "../../engines/models/gguf-shards.ts";
import { hashFile } from "../../engines/models/hash-file.ts";
import type { Environment } from "../../engines/models/hub-client.ts";
import { withLock } from "../../engines/models/model-lock.ts";
import { runProcess } from "../../engines/models/run-process.ts";
import type { PythonEnvironment } from "./install-environment.ts";
import { LocalEngineError } from "./local-engine-error.ts";
import { checkModelFolder, ggufArchitectures } from "./model-config.ts";

export interface ConvertOptions {
  /** Folder of base models (`EnginePaths.models`). */
  directory: string;
  environment: Pick<PythonEnvironment, "python">;
  env: Environment;
  signal?: AbortSignal;
  say: (line: string) => void;
}

/**
 * The safetensors folder of a GGUF model, converted once: its name holds a hash of the file. float32 files stay float32,
 * others become bfloat16. Throws a `LocalEngineError` for families the engine does not train and for a failed conversion.
 */
export async function convertGguf(path: string, options: ConvertOptions): Promise<string> {
  const { directory, env, say } = options;
  await checkGguf(path);
  const script = join(import.meta.dirname, "python", "convert_gguf.py");
  // Another converter makes another model of the same file.
  const hash = stableHash([await hashFile(path, options.signal), await readFile(script, "utf8")]);
  const folder = join(directory, `${modelNameOf(path)}-${hash.slice(0, 12)}`);
  const onWait = () => say("Waiting for another process that converts this model.");
  return withLock(`${folder}.lock`, { signal: options.signal, onWait }, async (signal) => {
    if (await exists(folder)) return folder;
    say(`Converting ${path} to safetensors in ${folder}.`);
    const making = `${folder}.making`;
    await rm(making, { recursive: true, force: true });
    await mkdir(making, { recursive: true });
    const command = [options.environment.python, script, path, making];
    const { code, stderr } = await runProcess(command, {
      env: { ...env, HF_HUB_OFFLINE: "1", TQDM_DISABLE: "1" },
      signal,
    });
    if (code !== 0)
      throw new LocalEngineError(
        "conversion-failed",
        `${path} could not be converted:\n${stderr.trim().split("\n").slice(-12).join("\n")}\nUse the model's safetensors (hf:owner/repo)`,
      );
    await checkModelFolder(making);
    await rename(making, folder);
    return folder;
  });
}

async function checkGguf(path: string): Promise<void> {
  const info = await readGgufInfo(path);
  if (!ggufArchitectures.includes(info.architecture))
    throw new LocalEngineError(
      "bad-base-model",
      `${path}: the architecture is ${info.architecture}, expected one of ${ggufArchitectures.join(", ")}`,
    );
  if ((shardOf(path)?.count ?? 1) > 1)
    throw new LocalEngineError(
      "bad-base-model",
      `${path}: a GGUF of several files cannot be converted (this one and its shards hold ${formatBytes(info.bytes)} and more). Use the model's safetensors (hf:owner/repo)`,
    );
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
