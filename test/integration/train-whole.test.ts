import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openChatCodec } from "../../src/engines/tinker/index.ts";
import { parseCriteria, renderCriteria, renderEvaluation } from "../../src/prompts/index.ts";
import { loadPack } from "../../src/prompts/load-pack.ts";
import { openTinker } from "../../src/tinker/index.ts";
import { readTrainRun } from "../../src/train/checkpoints/index.ts";
import type { EngineState } from "../../src/train/engine/index.ts";
import { openAdapter } from "../../src/train/export/read-adapter.ts";
import { builtCli, startCli } from "../built-cli.ts";
import { tinyModelPath, trainingVariables } from "../tiny-model.ts";
import { writeTinyGguf } from "../tiny-model-gguf.ts";
import { embeddedLogprobs } from "./export-logprobs.ts";
import { startWatchingProxy } from "./watching-proxy.ts";

// The way of a judge from a random model to an exported adapter, by the command line alone: engine, SFT, RL, export. The pack is
// the shortest there is: one criterion, one score in a box. The model's output is scaled so that training can make it sure of
// a token; a few conversations with the same two criteria and the scores 3 and 6, learned by heart, then give it answers
// that the parsers read, with scores that differ from sample to sample: what RL needs to have an advantage at all.
const packFolder = resolve("recipes/synthetic-rule/pack");
const fruits = ["cherry", "plum", "peach", "pear", "melon", "lemon"];
const tools = ["axe", "saw", "rake", "drill", "spade", "clamp"];
const pairs = fruits.map((fruit, index) => ({
  id: `pair#${index}`,
  messages: [{ role: "user" as const, content: "What was it?" }],
  chosen: `The ${fruit}.`,
  rejected: `The ${tools[index]}.`,
  source: "test",
}));

let main = "";
let model = "";
let folder = "";
let env: NodeJS.ProcessEnv = {};
let url = "";
const at = (...names: string[]) => join(folder, ...names);
const cerm = (...args: string[]) => startCli(main, args, { env });

beforeAll(async () => {
  main = await builtCli();
  model = await tinyModelPath("llama", { outputScale: 4 });
  folder = await mkdtemp(join(tmpdir(), "cerm-train-"));
  env = { PATH: process.env.PATH, HOME: process.env.HOME, CERM_HOME: at("home"), XDG_CONFIG_HOME: folder };
  Object.assign(env, trainingVariables());
  // Samples are computed eight at a time: one shape for JAX to compile.
  const config = '{"sample_max_num_sequences":8}';
  const up = ["engine", "up", "--model", model, "--max-lora-rank", "8", "--backend-config", config, "--cpu", "--json"];
  const { code, out, err } = await cerm(...up).ended;
  expect({ code, err }).toMatchObject({ code: 0 });
  url = (JSON.parse(out) as EngineState).url;
  await writeFile(at("train.jsonl"), lines(await conversations(pairs.slice(0, 2))));
  await writeFile(at("held-out.jsonl"), lines(await conversations(pairs.slice(2, 3))));
  await writeFile(at("pairs.jsonl"), lines(pairs));
});
afterAll(async () => {
  await cerm("engine", "down").ended;
  await rm(folder, { recursive: true, force: true });
});

const lines = (values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join("");

/** Two turns of a judge about both responses of pairs, by either of two criteria, with either of two scores. */
async function conversations(about: typeof pairs) {
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

type Line = { step: number } & Record<string, number | undefined>;
async function readLines<T = Line>(run: string, name = "metrics"): Promise<T[]> {
  const text = await readFile(at(run, `${name}.jsonl`), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
}

/**
 * Starts a command, and kills it with SIGKILL in a training step: when the server has taken a pass of the step after the one
 * that the command's output names, whose gradient then lies on the server without an optimiser step.
 */
async function killedWithinStep(after: RegExp, command: (url: string) => ReturnType<typeof cerm>): Promise<void> {
  const proxy = await startWatchingProxy(url, (path) => {
    if (path.endsWith("/forward_backward") && after.test(killed.written.err)) killed.child.kill("SIGKILL");
  });
  const killed = command(proxy.url);
  const { signal, err } = await killed.ended;
  expect({ signal, err }).toMatchObject({ signal: "SIGKILL" });
  proxy.close();
}

async function succeeds(command: ReturnType<typeof cerm>) {
  const { code, out, err } = await command.ended;
  expect({ code, err }).toMatchObject({ code: 0 });
  return { out, err };
}

describe("cerm train sft on a real SkyRL", () => {
  const sft = (out: string, steps: number, baseUrl = url) => {
    const files = ["--data", at("train.jsonl"), "--held-out", at("held-out.jsonl"), "--out", at(out)];
    const server = ["--base-url", baseUrl, "--model", model, "--rank", "8", "--seed", "3"];
    const rate = ["--learning-rate", "1e-2", "--schedule", "constant", "--warmup", "0", "--batch-size", "16"];
    const work = ["--token-budget", "1024", "--evaluate-every", "3", "--checkpoint-every", "2", "--keep-last", "2"];
    const length = ["--epochs", String(steps), "--steps", String(steps)];
    return cerm("train", "sft", ...files, ...server, ...rate, ...work, ...length, "--json");
  };
  const losses = async (run: string) =>
    (await readLines(run)).map(({ step, loss, heldOutLoss }) => ({ step, loss, heldOutLoss }));

  test("killed within a step and started again, it takes the steps it would have taken, with the same losses", async () => {
    await succeeds(sft("whole", 6));
    await killedWithinStep(/step 3 of 30/, (through) => sft("sft", 30, through));
    expect((await readTrainRun(at("sft"))).checkpoints.at(-1)!.step).toBe(3);
    const { out } = await succeeds(sft("sft", 30));
    expect(JSON.parse(out)).toMatchObject({ step: 30, totalSteps: 30, resumedAt: 3 });
    const [whole, resumed] = [await losses("whole"), await losses("sft")];
    expect(resumed.map(({ step }) => step)).toEqual(Array.from({ length: 31 }, (_, step) => step));
    for (const [index, { loss, heldOutLoss }] of whole.entries()) {
      if (loss !== undefined) expect(resumed[index]!.loss).toBeCloseTo(loss, 5);
      if (heldOutLoss !== undefined) expect(resumed[index]!.heldOutLoss).toBeCloseTo(heldOutLoss, 5);
    }
  });

  test("lowers the loss, also on conversations it has not seen, and keeps the best checkpoint", async () => {
    const measured = (await losses("sft")).filter(({ heldOutLoss }) => heldOutLoss !== undefined);
    expect(measured.map(({ step }) => step)).toEqual(Array.from({ length: 11 }, (_, index) => 3 * index));
    expect(measured[0]!.heldOutLoss).toBeGreaterThan(5);
    const best = measured.reduce((a, b) => (b.heldOutLoss! < a.heldOutLoss! ? b : a));
    expect(best.heldOutLoss).toBeLessThan(0.5);
    const steps = (await readTrainRun(at("sft"))).checkpoints.map(({ step }) => step);
    expect(steps).toEqual([...new Set([best.step, 28, 30])].sort((a, b) => a - b));
  });

  test("keeps the checkpoints of its list on the server, and no others, and gives back its models", async () => {
    const kept = await Promise.all(["whole", "sft"].map((run) => readTrainRun(at(run))));
    const listed = kept.flatMap(({ checkpoints }) =>
      checkpoints.flatMap(({ path }) => [path, path.replace("/weights/", "/sampler_weights/")]),
    );
    const client = await openTinker({ baseUrl: url });
    const runs = await client.trainingRuns();
    const saved = await Promise.all(runs.map(({ id }) => client.checkpoints(id)));
    await client.close();
    expect(saved.flatMap((of) => of.map(({ path }) => path)).sort()).toEqual(listed.sort());
    for (const run of ["whole", "sft"]) expect(await readFile(at(run, "models.json"), "utf8")).toBe("[]");
  });
});

interface Sample {
  step: number;
  pair: string;
  trajectories: { stage: string; text: string; outcome: { kind: string }; reward: number | null; advantage: number }[];
}

describe("cerm train rl on a real SkyRL", () => {
  const rl = (out: string, baseUrl = url) => {
    const files = ["--data", at("pairs.jsonl"), "--adapter", at("sft"), "--pack", packFolder, "--out", at(out)];
    const server = ["--base-url", baseUrl, "--model", model, "--rank", "8"];
    const rollouts = ["--instances", "2", "--criteria-samples", "2", "--evaluations", "2", "--steps", "3"];
    const limits = ["--max-criteria-tokens", "32", "--max-evaluation-tokens", "12"];
    const update = ["--learning-rate", "1e-4", "--kl", "0.01", "--set", "miniBatches=2"];
    const work = ["--checkpoint-every", "1", "--set", "samplesPerStep=2"];
    return cerm("train", "rl", ...files, ...server, ...rollouts, ...limits, ...update, ...work, "--json");
  };
  const sampled = (run: string) => readLines<Sample>(run, "samples");
  const pairsOf = async (run: string) => (await sampled(run)).map(({ step, pair }) => ({ step, pair }));

  test("killed within a step and started again, it takes the same pairs as a run that was not", async () => {
    await succeeds(rl("rl-whole"));
    await killedWithinStep(/step 1\/3/, (through) => rl("rl", through));
    expect((await readTrainRun(at("rl"))).checkpoints.at(-1)!.step).toBe(1);
    const { out, err } = await succeeds(rl("rl"));
    expect(err).toContain("going on after step 1 of 3");
    expect(JSON.parse(out)).toMatchObject({ step: 3, totalSteps: 3 });
    const taken = await pairsOf("rl");
    expect(taken).toEqual(await pairsOf("rl-whole"));
    expect(taken.map(({ step }) => step)).toEqual([1, 1, 2, 2, 3, 3]);
    expect(new Set(taken.map(({ pair }) => pair)).size).toBe(pairs.length);
    expect((await readLines("rl")).map(({ step }) => step)).toEqual([0, 1, 2, 3]);
    const { checkpoints } = await readTrainRun(at("rl"));
    expect(checkpoints.map(({ step }) => step)).toEqual([2, 3]);
    // SkyRL's JAX backend, as it reads in its source.
    expect(checkpoints[0]!.state).toMatchObject({ reduction: { tokens: "mean-of-targets", sequences: "mean" } });
  });

  test.each(["rl-whole", "rl"])("the judge's answers can be read, and rewards move the weights (%s)", async (run) => {
    const samples = await sampled(run);
    const steps = (await readLines(run)).slice(1);
    for (const line of steps) {
      const trajectories = samples.filter(({ step }) => step === line.step).flatMap((sample) => sample.trajectories);
      const read = trajectories.filter(({ outcome }) => outcome.kind !== "unparsable");
      expect(read.length).toBeGreaterThan(trajectories.length / 2);
      expect(read.some(({ advantage }) => Math.abs(advantage) > 0.1)).toBe(true);
      expect(line.taught).toBeGreaterThan(0);
      // The KL penalty alone gives gradients of thousandths.
      expect(line["gradientNorm/mean"]).toBeGreaterThan(0.1);
      expect(line.optimiserSteps).toBeGreaterThan(0);
    }
    // At first the policy is the reference, so the penalty was nothing; then the weights have moved.
    expect(Math.abs(steps[0]!["kl/reference"]!)).toBeLessThan(1e-4);
    expect(Math.abs(steps[2]!["kl/reference"]!)).toBeGreaterThan(1e-4);
  });

  test.each(["rl-whole", "rl"])("sampler and trainer have the same log-probabilities (%s)", async (run) => {
    for (const line of (await readLines(run)).slice(1)) {
      expect(Math.abs(line["offPolicy/klAtStart"]!)).toBeLessThan(1e-3);
      expect(line["offPolicy/ratioAtStart"]).toBeCloseTo(1, 3);
    }
  });
});

describe("cerm train export of the run", () => {
  test("writes a PEFT folder of the last weights, with a card that says where they come from", async () => {
    await succeeds(cerm("train", "export", at("rl"), "--format", "peft", "--out", at("peft")));
    const adapter = await openAdapter(at("peft"));
    expect(adapter).toMatchObject({ rank: 8, baseModel: model });
    expect(adapter.pairs.size).toBe(2 * 7);
    await adapter.close();
    expect(await readFile(at("peft", "README.md"), "utf8")).toContain("step 3");
  });

  test("writes a GGUF adapter, which makes llama.cpp give what was learned", async () => {
    await mkdir(at("gguf"));
    await succeeds(cerm("train", "export", at("rl"), "--format", "gguf", "--out", at("gguf")));
    await writeTinyGguf(model, at("base.gguf"));
    const codec = await openChatCodec(model);
    const [conversation] = await conversations(pairs.slice(0, 1));
    const prompt = codec.encode(conversation!.messages.slice(0, 1) as Parameters<typeof codec.encode>[0]);
    const text = `<|im_start|>user\n${conversation!.messages[0]!.content}<|im_end|>\n<|im_start|>assistant\n${conversation!.messages[1]!.content}<|im_end|>`;
    const answer = async (lora?: { path: string }[]) => {
      const [all] = await embeddedLogprobs({ modelPath: at("base.gguf"), lora }, [text]);
      return all!.logprobs.slice(prompt.length - 1).reduce((sum, logprob) => sum + logprob, 0);
    };
    expect(await answer()).toBeLessThan(-100);
    expect(await answer([{ path: at("gguf", "adapter.gguf") }])).toBeGreaterThan(-5);
  });
});
