import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "../../core/errors.ts";
import { openTinker, parseTinkerPath } from "../../tinker/index.ts";
import { unpackArchive } from "../../tinker/unpack-archive.ts";
import {
  type Checkpoint,
  type CheckpointChoice,
  chooseCheckpoint,
  type ReadTrainRun,
  readTrainRun,
} from "../checkpoints/index.ts";
import { enginePaths } from "../engine/index.ts";
import { adapterFiles } from "./read-adapter.ts";

export interface AdapterSourceOptions {
  /** Which checkpoint of a run. Default: the best by the held-out measure, where one was taken, else the last. */
  checkpoint?: CheckpointChoice;
  /** The server that holds the weights. Default: the local engine's files, where they are there, else the server that run.json names. */
  baseUrl?: string;
  env: Record<string, string | undefined>;
  signal?: AbortSignal;
}

/** A PEFT folder, and where it came from. */
export interface AdapterSource {
  folder: string;
  run?: ReadTrainRun;
  checkpoint?: Checkpoint;
  /** The path on the server, where it was fetched from one. */
  path?: string;
  /** Removes what was made for this. */
  dispose(): Promise<void>;
}

/**
 * The adapter that `text` names: a run directory, a `tinker://` path, a checkpoint archive (tar.gz), or a PEFT folder. Throws an
 * `InputError` for anything else, or a `TinkerError` where the server does not give it.
 */
export async function openAdapterSource(text: string, options: AdapterSourceOptions): Promise<AdapterSource> {
  if (text.startsWith("tinker://")) return fetchWeights(text, options);
  const kind = await kindOf(text);
  if (kind === "peft") return { folder: text, dispose: async () => {} };
  if (kind === "archive")
    return inTemporaryFolder(async (folder) => {
      await mkdir(folder);
      await unpackArchive(createReadStream(text), folder);
      return {};
    });
  const run = await readTrainRun(text);
  const hasBest = run.checkpoints.some(({ score }) => score !== undefined);
  const checkpoint = chooseCheckpoint(run, options.checkpoint ?? (hasBest ? "best" : "last"));
  if (checkpoint.samplerPath === undefined)
    throw new InputError(`the checkpoint of step ${checkpoint.step} has no weights for samplers; choose another`, {
      file: text,
    });
  const { baseUrl } = run.about;
  const runUrl = typeof baseUrl === "string" ? baseUrl : undefined;
  return { ...(await fetchWeights(checkpoint.samplerPath, options, runUrl)), run, checkpoint };
}

async function kindOf(path: string): Promise<"run" | "peft" | "archive"> {
  const stats = await stat(path).catch(() => undefined);
  const has = (name: string) => exists(join(path, name));
  if (stats?.isFile()) return "archive";
  if (stats?.isDirectory() && (await has("run.json"))) return "run";
  if (stats?.isDirectory() && (await has(adapterFiles.config))) return "peft";
  throw new InputError(
    `${stats === undefined ? "no such file or folder" : "neither run.json nor adapter_config.json is in it"}; expected the directory of a training run, a tinker:// path, a checkpoint archive (tar.gz) or a PEFT folder`,
    { file: path },
  );
}

/** Sampler weights from the server that was named, else from the local engine's own files, else from the run's server. */
async function fetchWeights(path: string, options: AdapterSourceOptions, runUrl?: string): Promise<AdapterSource> {
  const { runId, name } = parseTinkerPath(path);
  const file = join(enginePaths(options.env).checkpoints, runId, "sampler_weights", `${name}.tar.gz`);
  if (options.baseUrl === undefined && (await exists(file)))
    return inTemporaryFolder(async (folder) => {
      await mkdir(folder);
      await unpackArchive(createReadStream(file), folder);
      return { path };
    });
  const baseUrl = options.baseUrl ?? runUrl;
  if (baseUrl === undefined)
    throw new InputError(
      `${path}: the local engine has no such weights; name the server that has them with --base-url`,
      {
        field: "base-url",
      },
    );
  return inTemporaryFolder(async (folder) => {
    const client = await openTinker({ baseUrl, environment: options.env }, options.signal);
    try {
      await client.downloadCheckpoint(path, folder, options.signal);
    } finally {
      await client.close();
    }
    return { path };
  });
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function inTemporaryFolder(fill: (folder: string) => Promise<{ path?: string }>): Promise<AdapterSource> {
  const parent = await mkdtemp(join(tmpdir(), "cerm-export-"));
  const dispose = () => rm(parent, { recursive: true, force: true });
  const folder = join(parent, "adapter");
  try {
    return { folder, ...(await fill(folder)), dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
