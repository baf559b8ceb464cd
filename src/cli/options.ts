import { type Command, Option } from "commander";
import { type Config, loadConfig } from "../core/config.ts";
import type { EngineOptions } from "../engines/open-engine.ts";
import { dialects } from "../engines/openai/options.ts";
import type { OpenJudgeOptions } from "../judge/open-judge.ts";
import {
  collect,
  collectWith,
  header,
  integer,
  jsonObject,
  loraAdapter,
  nonNegative,
  positive,
} from "./option-values.ts";

/** Options as commander gives them; names are the long flags in camel case. */
export interface EngineFlags {
  config?: string;
  engine?: EngineOptions["engine"];
  model?: string;
  toy?: boolean;
  baseUrl?: string[];
  tokenizer?: string;
  dialect?: EngineOptions["dialect"];
  header?: [string, string][];
  extraBody?: Record<string, unknown>;
  connectTimeout?: number;
  firstTokenTimeout?: number;
  timeout?: number;
  maxConcurrency?: number;
  lora?: { path: string; scale: number }[];
  gpu: boolean;
  threads?: number;
  parallel?: number;
  context?: number;
  guided: boolean;
  lookup?: boolean;
  record?: string;
  replay?: string;
}

export interface JudgeFlags extends EngineFlags {
  pack?: string;
  mode?: OpenJudgeOptions["mode"];
  score?: OpenJudgeOptions["score"];
  criteriaSamples?: number;
  evaluations?: number;
  temperature?: number;
  topP?: number;
  seed?: number;
  maxCriteriaTokens?: number;
  maxEvaluationTokens?: number;
  store?: string;
}

/** Adds the options that choose and set up an engine. */
export function addEngineOptions(command: Command): Command {
  return command
    .optionsGroup("Engine:")
    .addOption(
      new Option(
        "--engine <kind>",
        "what runs the judge model (default: openai with --base-url, else embedded)",
      ).choices(["embedded", "openai", "tinker", "replay"]),
    )
    .option(
      "--model <spec>",
      "embedded: auto, a pulled model, hf:owner/repo[/file], a .gguf path; openai: the server's name for it; tinker: that, or weights (tinker://...)",
    )
    .option("--toy", "use a 98 MB toy model, for trying things out")
    .option(
      "--base-url <url>",
      "OpenAI-compatible server; repeat for replicas of one model; tinker: its server",
      collect,
    )
    .option(
      "--tokenizer <folder>",
      "tinker: folder with the model's tokenizer (default: the base model, where it is a folder)",
    )
    .option("--config <file>", "configuration file")
    .option(
      "--no-guided",
      "let the model write freely instead of filling the pack's form (for checkpoints trained on it)",
    )
    .optionsGroup("Embedded engine:")
    .option("--lora <file[=scale]>", "LoRA adapter (GGUF); repeat for several", collectWith(loraAdapter))
    .option("--no-gpu", "stay on the processor")
    .option("--threads <n>", "threads (default: calibrated)", integer(1))
    .option("--parallel <n>", "generations at once (default: calibrated)", integer(1))
    .option(
      "--context <tokens>",
      "context of a sequence at first; grows with the prompts (default: 4096)",
      integer(256),
    )
    .option("--lookup", "unguided: guess tokens that repeat the prompt")
    .optionsGroup("Servers:")
    .addOption(new Option("--dialect <name>", "how forms are asked for (default: auto)").choices(["auto", ...dialects]))
    .option("--header <name:value>", "further header of every request; repeat for several", collectWith(header))
    .option("--extra-body <json>", "members merged into every request", jsonObject)
    .option("--connect-timeout <s>", "seconds to connect (default: 10)", positive)
    .option("--first-token-timeout <s>", "seconds to the first token; answers are then streamed", positive)
    .option("--timeout <s>", "seconds for a whole answer (default: 600)", positive)
    .option(
      "--max-concurrency <n>",
      "most requests in flight (default: 512; the server's limit is found by itself)",
      integer(1),
    )
    .optionsGroup("Recordings:")
    .option("--record <file>", "append every exchange with the engine to a file")
    .option("--replay <file>", "answer from such a file instead of a model");
}

/** Adds the options of a judge, engine included; `criteriaOnly` leaves out those of turn 2. */
export function addJudgeOptions(command: Command, options: { criteriaOnly?: boolean } = {}): Command {
  command
    .optionsGroup("Judge:")
    .option("--pack <name>", "prompt pack: default, compact, or your own (default: what suits the model)");
  if (!options.criteriaOnly) addEvaluationOptions(command);
  command
    .option("--criteria-samples <n>", "lists of criteria per query (default: 1)", integer(1))
    .option("--temperature <t>", "0 is greedy; votes need more (default: 0)", nonNegative)
    .option("--top-p <p>", "nucleus sampling (default: 1)", positive)
    .option("--seed <n>", "seed of everything drawn (default: 0)", integer(0))
    .option("--max-criteria-tokens <n>", "limit of turn 1 (default: the pack's)", integer(1))
    .option("--store <url>", "where answers are kept: a file, postgres://..., none (default: in the data directory)");
  return addEngineOptions(command);
}

function addEvaluationOptions(command: Command): void {
  command
    .addOption(
      new Option("--mode <mode>", "criteria once per query, per response, or none (default: unified)").choices([
        "unified",
        "per-response",
        "implicit",
      ]),
    )
    .addOption(
      new Option(
        "--score <kind>",
        "the number the judge wrote, or the mean over its probabilities (default: hard)",
      ).choices(["hard", "expected"]),
    )
    .option("--evaluations <n>", "evaluations of each response per list of criteria (default: 1)", integer(1))
    .option("--max-evaluation-tokens <n>", "limit of turn 2 (default: the pack's)", integer(1));
}

/** Engine options from flags, over those of the configuration. */
export async function engineOptions(flags: EngineFlags): Promise<EngineOptions & { config: Config }> {
  const config = await loadConfig({ file: flags.config, env: process.env });
  const engine =
    flags.engine ??
    (flags.baseUrl === undefined && flags.replay === undefined && !flags.toy ? config.engine : undefined);
  const baseUrl =
    flags.baseUrl ?? (engine === "embedded" || flags.toy || flags.replay !== undefined ? undefined : config.baseUrl);
  const seconds = (value: number | undefined) => (value === undefined ? undefined : Math.round(value * 1000));
  return {
    config,
    engine,
    baseUrl,
    model: flags.model ?? (baseUrl === undefined ? undefined : config.model),
    configuredModel: config.model,
    toy: flags.toy,
    tokenizer: flags.tokenizer,
    dialect: flags.dialect,
    headers: flags.header === undefined ? undefined : Object.fromEntries(flags.header),
    extraBody: flags.extraBody,
    timeouts: {
      connectMs: seconds(flags.connectTimeout),
      firstTokenMs: seconds(flags.firstTokenTimeout),
      totalMs: seconds(flags.timeout),
    },
    maxConcurrency: flags.maxConcurrency,
    lora: flags.lora,
    gpu: flags.gpu ? "auto" : false,
    threads: flags.threads,
    parallel: flags.parallel,
    contextTokens: flags.context,
    guided: flags.guided,
    lookup: flags.lookup,
    record: flags.record,
    replay: flags.replay,
  };
}

/** Judge options from flags, over those of the configuration. */
export async function judgeOptions(flags: JudgeFlags): Promise<OpenJudgeOptions> {
  const { config, ...engine } = await engineOptions(flags);
  return {
    ...engine,
    pack: flags.pack ?? config.pack,
    mode: flags.mode ?? config.mode,
    score: flags.score ?? config.score,
    criteriaSamples: flags.criteriaSamples,
    evaluations: flags.evaluations,
    temperature: flags.temperature,
    topP: flags.topP,
    seed: flags.seed,
    maxTokens: { criteria: flags.maxCriteriaTokens, evaluation: flags.maxEvaluationTokens },
    store: flags.store ?? config.store,
  };
}
