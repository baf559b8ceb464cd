import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openChatCodec } from "../../src/engines/tinker/index.ts";
import { loadPack } from "../../src/prompts/load-pack.ts";
import { openTinker } from "../../src/tinker/index.ts";
import { readTrainRun } from "../../src/train/checkpoints/index.ts";
import { startEngine, stopEngine } from "../../src/train/engine/index.ts";
import { type RlOptions, tinkerPolicyServer, trainRl } from "../../src/train/rl/index.ts";
import { tinyModelPath, trainingVariables } from "../tiny-model.ts";

let baseModel = "";
let folder = "";
let env: NodeJS.ProcessEnv = {};
let baseUrl = "";

beforeAll(async () => {
  baseModel = await tinyModelPath();
  folder = await mkdtemp(join(tmpdir(), "cerm-rl-"));
  env = { ...process.env, CERM_HOME: join(folder, "home"), ...trainingVariables() };
  const { state } = await startEngine({ model: baseModel, maxLoraRank: 8, accelerator: "cpu", env, say: () => {} });
  baseUrl = state.url;
});
afterAll(async () => {
  await stopEngine({ env });
  await rm(folder, { recursive: true, force: true });
});

const pairs = ["cherry", "plum"].map((fruit, index) => ({
  id: `pair#${index}`,
  messages: [{ role: "user" as const, content: "What was it?" }],
  chosen: `The ${fruit}.`,
  rejected: "The axe.",
  source: "test",
}));

async function train(out: string, more: Partial<RlOptions> = {}) {
  const codec = await openChatCodec(baseModel);
  const connect = () => openTinker({ baseUrl });
  await using server = tinkerPolicyServer({ connect, codec, baseModel, rank: 8, seed: 1, concurrency: 16 });
  await trainRl({
    ...{ out, pairs, server, identity: {}, version: "0", checkpointEvery: 1 },
    pack: await loadPack(resolve("recipes/synthetic-rule/pack")),
    // What an untrained model writes earns nothing but penalties: the KL penalty is what moves it, once it has moved.
    settings: {
      ...{ instances: 2, criteriaSamples: 2, evaluations: 1, steps: 3, miniBatches: 1, kl: 1, learningRate: 0.002 },
      ...{ maxCriteriaTokens: 8, maxEvaluationTokens: 8 },
    },
    ...more,
  });
}

const lines = async (out: string) =>
  (await readFile(join(out, "metrics.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, number>);

test("RL runs through a real server: sampler and trainer agree, and an ended run goes on", async () => {
  const out = join(folder, "run");
  const ending = new AbortController();
  const onStep: RlOptions["onStep"] = ({ step }) => {
    if (step === 2) ending.abort(new Error("ended"));
  };
  await expect(train(out, { signal: ending.signal, onStep })).rejects.toThrow("ended");
  expect((await readTrainRun(out)).checkpoints.at(-1)!.step).toBe(1);
  await train(out);

  const run = await readTrainRun(out);
  expect(run.checkpoints.map(({ step }) => step)).toEqual([2, 3]);
  // SkyRL's JAX backend, as it reads in its source.
  expect(run.checkpoints[0]!.state).toMatchObject({ reduction: { tokens: "mean-of-targets", sequences: "mean" } });
  const metrics = await lines(out);
  expect(metrics.map(({ step }) => step)).toEqual([0, 1, 2, 3]);
  for (const line of metrics.slice(1)) {
    expect(line["offPolicy/klAtStart"]).toBeLessThan(1e-4);
    expect(line["offPolicy/ratioAtStart"]).toBeCloseTo(1, 2);
    expect(line.optimiserSteps).toBeGreaterThan(0);
  }
  // At first the policy is the reference; then it has moved.
  expect(Math.abs(metrics[1]!["kl/reference"]!)).toBeLessThan(1e-4);
  expect(Math.abs(metrics[3]!["kl/reference"]!)).toBeGreaterThan(1e-4);
});
