import { CermError, InputError } from "../core/errors.ts";
import { openEmbeddedEngine } from "./embedded/open-embedded-engine.ts";
import type { Engine } from "./engine.ts";
import { defaultModels } from "./models/default-models.ts";
import { readMachine } from "./models/machine.ts";
import type { ModelChoice } from "./models/model-choice.ts";
import { modelsDirectory } from "./models/models-directory.ts";
import type { PullProgress } from "./models/pull-options.ts";
import { resolveModel } from "./models/resolve-model.ts";
import { createOpenAIEngine } from "./openai/create-openai-engine.ts";
import type { Dialect, TimeoutOptions } from "./openai/options.ts";
import { createPool } from "./pool/create-pool.ts";
import { recordEngine } from "./replay/record-engine.ts";
import { replayEngine } from "./replay/replay-engine.ts";
import { openTinkerEngine } from "./tinker/open-tinker-engine.ts";

/** Everything that chooses an engine, as users say it on the command line, in a configuration or in code. */
export interface EngineOptions {
  /** Default: `"openai"` where a base URL is given, else `"embedded"`. */
  engine?: "embedded" | "openai" | "tinker" | "replay";
  /**
   * Embedded: a model spec (`auto`, `hf:owner/repo`, a path, ...). OpenAI: the model's name on the server. Tinker: weights
   * (`tinker://MODEL/NAME`) or a base model's name on the server.
   */
  model?: string;
  /** Model of the user's configuration, which `auto` takes first. */
  configuredModel?: string;
  /** Use the toy model, for trying things out. */
  toy?: boolean;
  /** Tinker: folder with the model's tokenizer, where the base model is not a folder itself. */
  tokenizer?: string;
  /** Servers; several are replicas of one model. */
  baseUrl?: string | string[];
  dialect?: Dialect | "auto";
  headers?: Record<string, string>;
  extraBody?: Record<string, unknown>;
  timeouts?: TimeoutOptions;
  maxConcurrency?: number;
  maxAttempts?: number;
  /** Embedded: LoRA adapters. Default: none, but the toy has its own. */
  lora?: { path: string; scale?: number }[];
  /** Embedded: `false` keeps the GPU out of it. */
  gpu?: "auto" | false;
  threads?: number;
  /** Embedded: how many generations run at once. */
  parallel?: number;
  /** Embedded: tokens of context of a sequence at first; it grows with the prompts. */
  contextTokens?: number;
  /** Fill the pack's forms where the engine can. Default true. */
  guided?: boolean;
  /** Embedded, unguided: guess tokens that repeat the prompt. */
  lookup?: boolean;
  /** Embedded: compute common prefixes once. Default true. */
  sharePrefixes?: boolean;
  /** Append every exchange to this file. */
  record?: string;
  /** Answer from this recording. */
  replay?: string;
  /** Gets single lines worth knowing: downloads, a toy model, thread collapses. */
  say?: (line: string) => void;
  onPullProgress?: (progress: PullProgress) => void;
  /** Ends the opening, downloads included. */
  signal?: AbortSignal;
}

export interface OpenedEngine {
  engine: Engine;
  /** The embedded model, where that is the engine. */
  model?: ModelChoice;
  /** The prompt pack that suits the model. */
  suggestedPack: "default" | "compact";
}

/** Lookup settings that won most often in `bench/lookup.mjs`. */
const lookupSettings = { pattern: 3, length: 3 };

/** Opens the engine that the options describe. Throws `InputError` for options that do not go together. */
export async function openEngine(options: EngineOptions): Promise<OpenedEngine> {
  const kind =
    options.engine ?? (options.replay !== undefined ? "replay" : options.baseUrl !== undefined ? "openai" : "embedded");
  refuseForeignOptions(kind, options);
  const opened = await openKind(kind, options);
  if (options.record === undefined) return opened;
  try {
    return { ...opened, engine: await recordEngine(opened.engine, options.record) };
  } catch (error) {
    await opened.engine.close();
    if (error instanceof CermError) throw error;
    throw new InputError(`cannot be written: ${(error as Error).message}`, { file: options.record, field: "record" });
  }
}

type EngineKind = NonNullable<EngineOptions["engine"]>;

/** Options of one kind of engine only, by the names that users know them by. */
const ownOptions: { kinds: EngineKind[]; name: string; isGiven: (options: EngineOptions) => boolean }[] = [
  { kinds: ["embedded", "openai", "tinker"], name: "model", isGiven: ({ model }) => model !== undefined },
  { kinds: ["embedded", "openai"], name: "no-guided", isGiven: ({ guided }) => guided === false },
  { kinds: ["embedded"], name: "toy", isGiven: ({ toy }) => toy === true },
  { kinds: ["embedded"], name: "lora", isGiven: ({ lora }) => lora !== undefined && lora.length > 0 },
  { kinds: ["embedded"], name: "no-gpu", isGiven: ({ gpu }) => gpu === false },
  { kinds: ["embedded"], name: "threads", isGiven: ({ threads }) => threads !== undefined },
  { kinds: ["embedded"], name: "parallel", isGiven: ({ parallel }) => parallel !== undefined },
  { kinds: ["embedded"], name: "context", isGiven: ({ contextTokens }) => contextTokens !== undefined },
  { kinds: ["embedded"], name: "lookup", isGiven: ({ lookup }) => lookup === true },
  { kinds: ["embedded"], name: "sharePrefixes", isGiven: ({ sharePrefixes }) => sharePrefixes === false },
  { kinds: ["openai"], name: "maxAttempts", isGiven: ({ maxAttempts }) => maxAttempts !== undefined },
  { kinds: ["openai", "tinker"], name: "base-url", isGiven: ({ baseUrl }) => baseUrl !== undefined },
  { kinds: ["openai"], name: "dialect", isGiven: ({ dialect }) => dialect !== undefined },
  { kinds: ["openai", "tinker"], name: "header", isGiven: ({ headers }) => headers !== undefined },
  { kinds: ["openai"], name: "extra-body", isGiven: ({ extraBody }) => extraBody !== undefined },
  { kinds: ["openai"], name: "connect-timeout", isGiven: ({ timeouts }) => timeouts?.connectMs !== undefined },
  { kinds: ["openai"], name: "first-token-timeout", isGiven: ({ timeouts }) => timeouts?.firstTokenMs !== undefined },
  { kinds: ["openai"], name: "timeout", isGiven: ({ timeouts }) => timeouts?.totalMs !== undefined },
  {
    kinds: ["openai", "tinker"],
    name: "max-concurrency",
    isGiven: ({ maxConcurrency }) => maxConcurrency !== undefined,
  },
  { kinds: ["tinker"], name: "tokenizer", isGiven: ({ tokenizer }) => tokenizer !== undefined },
  { kinds: ["replay"], name: "replay", isGiven: ({ replay }) => replay !== undefined },
];

/** An option that the chosen engine would ignore is a misunderstanding. */
function refuseForeignOptions(kind: EngineKind, options: EngineOptions): void {
  const foreign = ownOptions.find(({ kinds, isGiven }) => !kinds.includes(kind) && isGiven(options));
  if (foreign !== undefined) {
    const owner = foreign.kinds.join(", ").replace(/, (?=[^,]*$)/, " and ");
    const message = `is an option of the ${owner} engine${foreign.kinds.length > 1 ? "s" : ""}, and the engine is ${kind}: leave it out, or choose another --engine`;
    throw new InputError(message, { field: foreign.name });
  }
  if (options.guided === false && options.dialect !== undefined && options.dialect !== "plain")
    throw new InputError("asks for forms in a dialect, and --no-guided for none: give one of the two", {
      field: "dialect",
    });
  if (options.lookup && options.guided !== false)
    throw new InputError("guesses only where the model writes freely: give --no-guided too", { field: "lookup" });
  if (options.toy && options.model !== undefined)
    throw new InputError("is a model itself: leave out --model or --toy", { field: "toy" });
}

async function openKind(kind: EngineKind, options: EngineOptions): Promise<OpenedEngine> {
  if (kind === "replay") {
    if (options.replay === undefined)
      throw new InputError("the replay engine needs a recording: --replay FILE", { field: "engine" });
    return { engine: await replayEngine(options.replay), suggestedPack: "default" };
  }
  if (kind === "openai") return { engine: await openServer(options), suggestedPack: "default" };
  if (kind === "tinker") return { engine: await openTinkerServer(options), suggestedPack: "default" };
  return openEmbedded(options);
}

async function openServer(options: EngineOptions): Promise<Engine> {
  const urls = typeof options.baseUrl === "string" ? [options.baseUrl] : (options.baseUrl ?? []);
  if (urls.length === 0)
    throw new InputError("the openai engine needs a server: --base-url http://localhost:8000/v1", {
      field: "base-url",
    });
  const { model, dialect, headers, extraBody, timeouts, maxConcurrency, maxAttempts, signal } = options;
  const settings = {
    ...{ model, headers, extraBody, timeouts, maxConcurrency, maxAttempts, signal },
    dialect: options.guided === false ? ("plain" as const) : dialect,
  };
  if (urls.length === 1) return createOpenAIEngine({ ...settings, baseUrl: urls[0]! });
  return createPool({ replicas: urls, engine: settings });
}

async function openTinkerServer(options: EngineOptions): Promise<Engine> {
  const urls = typeof options.baseUrl === "string" ? [options.baseUrl] : (options.baseUrl ?? []);
  if (urls.length !== 1)
    throw new InputError("the tinker engine needs one server: --base-url http://localhost:8000", { field: "base-url" });
  const { model, tokenizer, headers, maxConcurrency, say, signal } = options;
  return openTinkerEngine({ baseUrl: urls[0]!, model, tokenizer, headers, maxConcurrency, say }, signal);
}

async function openEmbedded(options: EngineOptions): Promise<OpenedEngine> {
  const say = options.say ?? (() => {});
  const model = await resolveModel(options.model, {
    directory: modelsDirectory(),
    toy: options.toy,
    config: { model: options.configuredModel },
    machine: readMachine(),
    say,
    onProgress: options.onPullProgress,
    signal: options.signal,
  });
  const engine = await openEmbeddedEngine({
    modelPath: model.path,
    lora: options.lora ?? (model.reason === "toy" ? [{ path: defaultModels.toy.adapter }] : undefined),
    gpu: options.gpu,
    threads: options.threads,
    sequences: options.parallel,
    contextTokens: options.contextTokens,
    guided: options.guided,
    lookup: options.lookup ? lookupSettings : undefined,
    sharePrefixes: options.sharePrefixes,
    onNotice: say,
    signal: options.signal,
  });
  return { engine, model, suggestedPack: model.suggestedPack };
}
