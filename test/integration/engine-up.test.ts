import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTinker } from "../../src/tinker/index.ts";
import type { EngineState } from "../../src/train/engine/index.ts";
import { groupMembers } from "../../src/train/engine/process-group.ts";
import { builtCli, startCli } from "../built-cli.ts";
import { tinyModelPath, trainingVariables } from "../tiny-model.ts";

let main = "";
let model = "";
let folder = "";
let env: NodeJS.ProcessEnv = {};
const cerm = (...args: string[]) => startCli(main, ["engine", ...args], { env }).ended;
const state = (out: string) => JSON.parse(out) as EngineState & { status?: string; outcome?: string };

beforeAll(async () => {
  main = await builtCli();
  model = await tinyModelPath();
  folder = await mkdtemp(join(tmpdir(), "cerm-engine-"));
  const home = { CERM_HOME: join(folder, "home"), XDG_CONFIG_HOME: folder };
  env = { PATH: process.env.PATH, HOME: process.env.HOME, ...home, ...trainingVariables() };
});
afterAll(async () => {
  await cerm("down");
  await rm(folder, { recursive: true, force: true });
});

describe("cerm engine up with a tiny model on the processor", () => {
  let up: EngineState;

  test("starts a server, and says where it is", async () => {
    const { code, out, err } = await cerm("up", "--model", model, "--max-lora-rank", "4", "--cpu", "--json");
    expect({ code, err }).toMatchObject({ code: 0 });
    up = state(out);
    expect(up).toMatchObject({ url: `http://127.0.0.1:${up.port}`, accelerator: "cpu", ready: true });
    expect(up.model.path).toBe(model);
    expect(state((await cerm("status", "--json")).out)).toMatchObject({ status: "running", pid: up.pid });
  });

  test("which samples, trains a step and saves", async () => {
    const client = await openTinker({ baseUrl: up.url });
    try {
      expect((await client.capabilities()).models).toEqual([model]);
      const trainer = await client.createModel({ baseModel: model, rank: 4, seed: 1 });
      const tokens = Int32Array.from({ length: 17 }, (_, index) => 3 + ((7 * index) % 900));
      const datum = { input: tokens.slice(0, -1), target: tokens.slice(1), weights: new Float32Array(16).fill(1) };
      const sum = (values: Float32Array) => values.reduce((total, value) => total + value, 0);
      const before = await trainer.forwardBackward([datum], { name: "cross_entropy" });
      const adam = { learningRate: 0.02, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0 };
      await trainer.optimStep(adam);
      const after = await trainer.forward([datum]);
      expect(sum(after.logprobs[0]!)).toBeGreaterThan(sum(before.logprobs[0]!));
      const modelPath = await trainer.saveWeightsForSampler("step-1");
      const request = { n: 2, maxTokens: 4, temperature: 1, seed: 1, promptLogprobs: true };
      const sampled = await client.openSampler({ modelPath }).sample({ prompt: tokens, ...request });
      expect(sampled.sequences.map(({ tokens }) => tokens.length)).toEqual([4, 4]);
      // Sampler and trainer have the same weights.
      for (const [index, logprob] of after.logprobs[0]!.entries())
        expect(sampled.promptLogprobs![index + 1]).toBeCloseTo(logprob, 4);
    } finally {
      await client.close();
    }
  });

  test("once: a second up finds it, and refuses another model", async () => {
    const again = await cerm("up", "--model", model, "--json");
    expect(again).toMatchObject({ code: 0, err: expect.stringContaining("It runs already.") });
    expect(state(again.out).pid).toBe(up.pid);
    const other = await cerm("up", "--model", folder, "--max-lora-rank", "8");
    expect(other).toMatchObject({ code: 1, err: expect.stringContaining("an engine runs already") });
    expect(other.err).toContain(`the model ${model}, max_lora_rank 4`);
  });

  test("until down, which leaves no process and keeps the weights", async () => {
    expect((await groupMembers(up.pid)).length).toBeGreaterThanOrEqual(3);
    const { code, out } = await cerm("down", "--json");
    expect({ code, outcome: state(out).outcome }).toEqual({ code: 0, outcome: "stopped" });
    expect(await groupMembers(up.pid)).toEqual([]);
    expect(await cerm("status")).toMatchObject({ code: 1, out: expect.stringContaining("No engine runs") });
    const kept = await new Promise<string>((resolve) =>
      execFile("find", [up.checkpoints, "-name", "*.tar.gz"], (_, stdout) => resolve(stdout)),
    );
    expect(kept).toContain("step-1.tar.gz");
  });

  test("a state file of a process that is gone is noticed, also where its number is another process's now", async () => {
    const file = join(folder, "home", "engine", "state.json");
    await writeFile(file, JSON.stringify({ ...up, pid: process.pid }));
    expect(state((await cerm("status", "--json")).out).status).toBe("gone");
    expect(state((await cerm("down", "--json")).out).outcome).toBe("gone");
    await expect(readFile(file)).rejects.toThrow("ENOENT");
  });
});

test("an engine that ends before it is ready is told with the end of its log, and nothing is left", async () => {
  const failed = await cerm("up", "--model", model, "--backend-config", '{"no_such_setting":1}');
  expect(failed.code).toBe(1);
  expect(failed.err).toMatch(/the engine ended before it was ready[\s\S]*no_such_setting[\s\S]*engine\.log/);
  expect(await cerm("status")).toMatchObject({ code: 1, out: expect.stringContaining("No engine runs") });
});

test("what is no base model is refused before anything is installed", async () => {
  const config = { architectures: ["BertModel"] };
  for (const name of ["tokenizer.json", "model.safetensors"]) await writeFile(join(folder, name), "{}");
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  const { code, err } = await startCli(main, ["engine", "up", "--model", folder], {
    env: { ...env, CERM_ENGINE_ENVIRONMENTS: join(folder, "none") },
  }).ended;
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("the architecture is BertModel, expected") });
});
