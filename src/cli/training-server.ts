import { stat } from "node:fs/promises";
import { InputError } from "../core/errors.ts";
import { openTinker } from "../tinker/open-tinker.ts";
import { type EngineStatus, engineStatus } from "../train/engine/index.ts";

/** Which training server and which base model. */
export interface TrainingServer {
  baseUrl: string;
  /** Name of the base model as the server knows it. */
  baseModel: string;
  /** Folder with the base model's tokenizer and chat template. */
  modelFolder: string;
}

interface Waiting {
  signal: AbortSignal;
  /** Gets single lines worth knowing: the server is waited for. */
  say: (line: string) => void;
}

/**
 * The server that was named, else the local engine; the base model that was named, else the only one it has; and the model's
 * folder. Throws `InputError` where one of them is not known.
 */
export async function findTrainingServer(
  given: { baseUrl?: string; baseModel?: string; model?: string },
  { signal, say }: Waiting,
): Promise<TrainingServer> {
  const local = given.baseUrl === undefined ? await engineStatus() : undefined;
  if (local !== undefined && local.status !== "running")
    throw new InputError(`${notRunning(local)}; or name another server (--base-url URL)`, { field: "base-url" });
  const baseUrl = given.baseUrl ?? local!.state!.url;
  const modelFolder = given.model ?? local?.state?.model.path;
  if (modelFolder === undefined)
    throw new InputError(
      "name the folder of the base model, for its tokenizer and chat template: --model FOLDER (with tokenizer.json)",
      { field: "model" },
    );
  const found = await stat(modelFolder).catch(() => undefined);
  if (!found?.isDirectory())
    throw new InputError(`${modelFolder} is no folder; name the one with the base model's tokenizer.json`, {
      field: "model",
    });
  const baseModel = given.baseModel ?? (await onlyModel(baseUrl, { signal, say }));
  return { baseUrl, baseModel, modelFolder };
}

/** Why the local engine cannot be had, and what to do about it. */
function notRunning({ status, state }: EngineStatus): string {
  if (state === undefined) return "no training engine runs here: start one (cerm engine up --model MODEL)";
  const { url, log, model } = state;
  const engine = `the training engine at ${url}`;
  if (status === "gone")
    return `${engine} has ended by itself, or was killed (see ${log}): start it again (cerm engine up --model ${model.requested})`;
  if (status === "starting") return `${engine} is not ready yet: wait for it (cerm engine up)`;
  return `${engine} does not answer (see ${log}): stop it (cerm engine down) and start it again`;
}

async function onlyModel(baseUrl: string, { signal, say }: Waiting): Promise<string> {
  const client = await openTinker({ baseUrl, say }, signal);
  try {
    const { models } = await client.capabilities(signal);
    if (models.length === 1) return models[0]!;
    throw new InputError(
      models.length === 0 ? `${baseUrl} names no model` : `${baseUrl} has ${models.join(", ")}: choose one`,
      { field: "base-model" },
    );
  } finally {
    await client.close();
  }
}
