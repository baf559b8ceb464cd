import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { parseCriteria, renderCriteria, renderEvaluation } from "../src/prompts/index.ts";
import { loadPack } from "../src/prompts/load-pack.ts";
import type { EngineState } from "../src/train/engine/index.ts";
import { builtCli, startCli } from "./built-cli.ts";
import { tinyModelPath, trainingVariables } from "./tiny-model.ts";

// Training of a judge that ends within seconds, by the command line alone. The pack is the shortest there is: one criterion,
// one score in a box. The model's output is scaled so that training can make it sure of a token; a few conversations with the
// same two criteria and the scores 3 and 6, learned by heart, then give it answers that the parsers read, with scores that
// differ from sample to sample: what RL needs to have an advantage at all.
const packFolder = fileURLToPath(new URL("packs/one-score", import.meta.url));
const fruits = ["cherry", "plum", "peach", "pear", "melon", "lemon"];
const tools = ["axe", "saw", "rake", "drill", "spade", "clamp"];

/** Preference pairs to train on. */
export const tinyPairs = fruits.map((fruit, index) => ({
  id: `pair#${index}`,
  messages: [{ role: "user" as const, content: "What was it?" }],
  chosen: `The ${fruit}.`,
  rejected: `The ${tools[index]}.`,
  source: "test",
}));

/** Two turns of a judge about both responses of pairs, by either of two criteria, with either of two scores. */
export async function tinyConversations(about: typeof tinyPairs) {
  const pack = await loadPack(packFolder);
  const criteria = ["Fruit: it names a fruit", "Tool: it names a tool"].map((text) => {
    const parsed = parseCriteria(pack, `[Criteria]\n1. ${text}\n[End]`, "stop");
    if (!parsed.ok) throw new Error(parsed.detail);
    return parsed.criteria;
  });
  return about.flatMap((pair) =>
    criteria.flatMap((list) =>
      [pair.chosen, pair.rejected].flatMap((text) =>
        [3, 6].map((score) => {
          const asked = renderEvaluation(pack, renderCriteria(pack, pair), list, { text });
          const messages = [...asked, { role: "assistant", content: `Overall: \\boxed{${score}}` }];
          return { id: `${text} ${list.items[0]!.term} ${score}`, messages };
        }),
      ),
    ),
  );
}

/** A line of metrics.jsonl. */
export type MetricsLine = { step: number } & Record<string, number | undefined>;

/** What a training command is started with beside what all of them have. */
export interface TinyRun {
  steps: number;
  /** Address of the server. Default: the engine's own. */
  baseUrl?: string;
  more?: string[];
}

/** A folder with the data of trainings, and a SkyRL of a tiny model on the processor that was started by `cerm engine up`. */
export class TinyTraining {
  /** Folder of the base model. */
  readonly model: string;
  readonly #main: string;
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  #engine: EngineState | undefined;

  private constructor(main: string, model: string, folder: string) {
    this.model = model;
    this.#main = main;
    this.#folder = folder;
    this.#env = { PATH: process.env.PATH, HOME: process.env.HOME, CERM_HOME: this.at("home"), XDG_CONFIG_HOME: folder };
    Object.assign(this.#env, trainingVariables());
  }

  static async start(): Promise<TinyTraining> {
    const main = await builtCli();
    const model = await tinyModelPath("llama", { outputScale: 4 });
    const training = new TinyTraining(main, model, await mkdtemp(join(tmpdir(), "cerm-train-")));
    await training.engineUp();
    await writeFile(training.at("train.jsonl"), lines(await tinyConversations(tinyPairs.slice(0, 2))));
    await writeFile(training.at("held-out.jsonl"), lines(await tinyConversations(tinyPairs.slice(2, 3))));
    await writeFile(training.at("pairs.jsonl"), lines(tinyPairs));
    return training;
  }

  /** The engine as it was started last. */
  get engine(): EngineState {
    return this.#engine!;
  }

  /** A path in the folder. */
  at(...names: string[]): string {
    return join(this.#folder, ...names);
  }

  cerm(...args: string[]) {
    return startCli(this.#main, args, { env: this.#env });
  }

  async engineUp(...more: string[]): Promise<void> {
    // Samples are computed eight at a time: one shape for JAX to compile.
    const config = '{"sample_max_num_sequences":8}';
    const options = ["--model", this.model, "--max-lora-rank", "8", "--backend-config", config, "--cpu", "--json"];
    const { out } = await succeeds(this.cerm("engine", "up", ...options, ...more));
    this.#engine = JSON.parse(out) as EngineState;
  }

  sft(out: string, { steps, baseUrl = this.engine.url, more = [] }: TinyRun) {
    const files = ["--data", this.at("train.jsonl"), "--held-out", this.at("held-out.jsonl"), "--out", this.at(out)];
    const server = ["--base-url", baseUrl, "--model", this.model, "--rank", "8", "--seed", "3"];
    const rate = ["--learning-rate", "1e-2", "--schedule", "constant", "--warmup", "0", "--batch-size", "16"];
    const work = ["--token-budget", "1024", "--evaluate-every", "3", "--checkpoint-every", "2", "--keep-last", "2"];
    const length = ["--epochs", String(steps), "--steps", String(steps)];
    return this.cerm("train", "sft", ...files, ...server, ...rate, ...work, ...length, "--json", ...more);
  }

  /** RL from the best weights of the run `sft`. */
  rl(out: string, { steps, baseUrl = this.engine.url, more = [] }: TinyRun) {
    const files = ["--data", this.at("pairs.jsonl"), "--adapter", this.at("sft"), "--pack", packFolder];
    const server = ["--out", this.at(out), "--base-url", baseUrl, "--model", this.model, "--rank", "8"];
    const rollouts = ["--instances", "2", "--criteria-samples", "2", "--evaluations", "2", "--steps", String(steps)];
    const limits = ["--max-criteria-tokens", "32", "--max-evaluation-tokens", "12"];
    const update = ["--learning-rate", "1e-4", "--kl", "0.01", "--set", "miniBatches=2"];
    const work = ["--checkpoint-every", "1", "--set", "samplesPerStep=2"];
    const all = [...files, ...server, ...rollouts, ...limits, ...update, ...work];
    return this.cerm("train", "rl", ...all, "--json", ...more);
  }

  /** Lines of a run's metrics.jsonl, or of another log. */
  async readLines<T = MetricsLine>(run: string, name = "metrics"): Promise<T[]> {
    const text = await readFile(this.at(run, `${name}.jsonl`), "utf8");
    return text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as T);
  }

  /** Ends the engine and removes everything. */
  async end(): Promise<void> {
    await this.cerm("engine", "down").ended;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Waits for a command that is to end well; what it wrote. */
export async function succeeds(command: ReturnType<typeof startCli>): Promise<{ out: string; err: string }> {
  const { code, out, err } = await command.ended;
  expect({ code, err }).toMatchObject({ code: 0 });
  return { out, err };
}

function lines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join("");
}
