import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ChatCodec, openChatCodec, sampleConversation } from "../../src/engines/tinker/index.ts";
import { openEngine } from "../../src/index.ts";
import { type Datum, openTinker, type TinkerClient, type TinkerTrainer } from "../../src/tinker/index.ts";
import { startEngine, stopEngine } from "../../src/train/engine/index.ts";
import { tinyModelPath, trainingVariables } from "../tiny-model.ts";

let baseModel = "";
let folder = "";
let env: NodeJS.ProcessEnv = {};
let url = "";
let client: TinkerClient;
let codec: ChatCodec;

async function up(port?: number): Promise<void> {
  const { state } = await startEngine({
    model: baseModel,
    port,
    maxLoraRank: 8,
    accelerator: "cpu",
    env,
    say: () => {},
  });
  url = state.url;
}

beforeAll(async () => {
  baseModel = await tinyModelPath();
  codec = await openChatCodec(baseModel);
  folder = await mkdtemp(join(tmpdir(), "cerm-tinker-"));
  env = { ...process.env, CERM_HOME: join(folder, "home"), ...trainingVariables() };
  await up();
  client = await openTinker({ baseUrl: url });
});
afterAll(async () => {
  await client?.close();
  await stopEngine({ env });
  await rm(folder, { recursive: true, force: true });
});

const adam = { learningRate: 0.01, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0 };
const crossEntropy = { name: "cross_entropy" } as const;
/** Every sequence has this many targets, so that the server compiles each of its functions once. */
const targets = 24;

function datum(seed: number, arrays: Partial<Datum> = {}): Datum {
  const tokens = Int32Array.from({ length: targets + 1 }, (_, index) => 3 + ((seed * 31 + 7 * index) % 900));
  return { input: tokens.slice(0, -1), target: tokens.slice(1), weights: new Float32Array(targets).fill(1), ...arrays };
}
const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
const newModel = (of = client) => of.createModel({ baseModel, rank: 8, seed: 5 });

/** The largest difference of two arrays. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, index) => Math.abs(value - b[index]!)));
}

describe("a model on a real SkyRL", () => {
  let trainer: TinkerTrainer;
  let trained: Float32Array;
  let saved = "";

  test("is made from what the server has", async () => {
    expect(await client.capabilities()).toEqual({ models: [baseModel] });
    trainer = await newModel();
    expect(await client.modelInfo(trainer.modelId)).toEqual({ baseModel, rank: 8 });
    expect((await client.trainingRuns()).map(({ id }) => id)).toContain(trainer.modelId);
  });

  test("learns from calls that are made without waiting", async () => {
    const losses: number[] = [];
    for (let step = 0; step < 3; step += 1) {
      const [first, second, { metrics }] = await Promise.all([
        trainer.forwardBackward([datum(1)], crossEntropy),
        trainer.forwardBackward([datum(2)], crossEntropy),
        trainer.optimStep(adam),
      ]);
      losses.push(-sum(first.logprobs[0]!) - sum(second.logprobs[0]!));
      expect(metrics["skyrl.ai/grad_norm"]).toBeGreaterThan(0);
      expect(metrics["skyrl.ai/learning_rate"]).toBeCloseTo(0.01, 6);
    }
    expect(losses[1]).toBeLessThan(losses[0]!);
    expect(losses[2]).toBeLessThan(losses[1]!);
    trained = (await trainer.forward([datum(1)])).logprobs[0]!;
  });

  test.each([
    { name: "importance_sampling" },
    { name: "ppo", config: { clip_low_threshold: 0.8, clip_high_threshold: 1.2 } },
    { name: "cispo", config: { clip_low_threshold: 0.8, clip_high_threshold: 1.2 } },
  ] as const)("takes the loss $name", async (loss) => {
    const policy = await newModel();
    const advantages = new Float32Array(targets).fill(1);
    const { logprobs } = await policy.forward([datum(3)]);
    const before = await policy.forwardBackward([datum(3, { logprobs: logprobs[0], advantages })], loss);
    expect(distance(before.logprobs[0]!, logprobs[0]!)).toBeLessThan(1e-4);
    await policy.optimStep(adam);
    // What had an advantage became more probable.
    expect(sum((await policy.forward([datum(3)])).logprobs[0]!)).toBeGreaterThan(sum(logprobs[0]!));
    await client.unloadModel(policy.modelId);
  });

  test("refuses what it lacks with words of its own, and goes on", async () => {
    const unknown = trainer.forwardBackward([datum(1)], { name: "dpo" as "ppo" });
    await expect(unknown).rejects.toMatchObject({ name: "TinkerError" });
    const lacking = { logprobs: new Float32Array(targets), advantages: new Float32Array(targets) };
    const refused = trainer.forwardBackward([datum(1, lacking)], { name: "gspo" as "ppo", config: { nonsense: 1 } });
    await expect(refused).rejects.toMatchObject({ code: "tinker-refused", status: 422 });
    await expect(refused).rejects.toThrow(/Invalid loss_fn_config keys.*nonsense/);
    expect(distance((await trainer.forward([datum(1)])).logprobs[0]!, trained)).toBeLessThan(1e-4);
  });

  test("takes bodies that are compressed", async () => {
    const many = Array.from({ length: 200 }, () => datum(1));
    const { logprobs } = await trainer.forward(many);
    expect(logprobs).toHaveLength(200);
    expect(distance(logprobs[199]!, trained)).toBeLessThan(1e-4);
  });

  test("gives its sampler the log-probabilities of the trainer", async () => {
    const path = await trainer.saveWeightsForSampler("step-3");
    const { input, target } = datum(1);
    const sampler = client.openSampler({ modelPath: path });
    const prompt = Int32Array.of(...input, target.at(-1)!);
    const sampling = { maxTokens: 8, temperature: 1, seed: 3, promptLogprobs: true };
    const { sequences, promptLogprobs } = await sampler.sample({ prompt, n: 2, ...sampling });
    expect(promptLogprobs![0]).toBeNaN();
    expect(distance(promptLogprobs!.subarray(1), trained)).toBeLessThan(1e-3);
    for (const { tokens, logprobs, stopReason } of sequences) {
      expect(stopReason).toBe("length");
      const all = Int32Array.of(...prompt, ...tokens);
      const again = await trainer.forward([{ input: all.slice(0, -1), target: all.slice(1) }]);
      expect(distance(again.logprobs[0]!.subarray(prompt.length - 1), logprobs)).toBeLessThan(1e-3);
    }
    expect(await sampler.sample({ prompt, n: 2, ...sampling })).toMatchObject({ sequences });
  });

  test("ends a sample at the tokens that are named", async () => {
    const sampler = client.openSampler({ baseModel });
    const request = { prompt: datum(1).input, n: 1, maxTokens: 8, temperature: 0, seed: 1 };
    const [free] = (await sampler.sample(request)).sequences;
    const [cut] = (await sampler.sample({ ...request, stop: [free!.tokens[1]!] })).sequences;
    const end = free!.tokens.indexOf(free!.tokens[1]!) + 1;
    expect(cut).toMatchObject({ stopReason: "stop", tokens: free!.tokens.subarray(0, end) });
  });

  test("is saved, and goes on from there in another model", async () => {
    saved = await trainer.saveWeights("state-3");
    expect(saved).toBe(`tinker://${trainer.modelId}/weights/state-3`);
    expect(await client.weightsInfo(saved)).toEqual({ baseModel, rank: 8 });
    const next = await newModel();
    await next.loadWeights(saved);
    expect(distance((await next.forward([datum(1)])).logprobs[0]!, trained)).toBeLessThan(1e-4);
    // The same next step, with the optimiser's state.
    for (const each of [trainer, next]) await each.forwardBackward([datum(2)], crossEntropy);
    for (const each of [trainer, next]) await each.optimStep(adam);
    const [one, two] = await Promise.all([trainer.forward([datum(1)]), next.forward([datum(1)])]);
    expect(distance(one.logprobs[0]!, two.logprobs[0]!)).toBeLessThan(1e-4);
    await expect(next.loadWeights(saved)).rejects.toThrow(/LoadWeights is not permitted/);
    await client.unloadModel(next.modelId);
  });

  test("keeps names apart, and its checkpoints can be listed, downloaded and deleted", async () => {
    await expect(trainer.saveWeights("state-3")).rejects.toThrow(/already exists/);
    const listed = await client.checkpoints(trainer.modelId);
    expect(listed.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual(["sampler step-3", "training state-3"]);
    const sampler = listed.find(({ kind }) => kind === "sampler")!;
    await client.downloadCheckpoint(sampler.path, join(folder, "adapter"));
    const files = await readdir(join(folder, "adapter"));
    expect(files).toEqual(expect.arrayContaining(["adapter_config.json", "adapter_model.safetensors"]));
    const config = JSON.parse(await readFile(join(folder, "adapter/adapter_config.json"), "utf8")) as { r: number };
    expect(config.r).toBe(8);
    await client.deleteCheckpoint(sampler.path);
    expect((await client.checkpoints(trainer.modelId)).map(({ kind }) => kind)).toEqual(["training"]);
    await expect(client.downloadCheckpoint(sampler.path, join(folder, "gone"))).rejects.toMatchObject({ status: 404 });
  });
});

describe("an answer that is lost", () => {
  test.each(["/forward_backward", "/optim_step", "/save_weights_for_sampler"])(
    "of %s changes nothing",
    async (path) => {
      const proxy = await startProxy(url, `/api/v1${path}`);
      const through = await openTinker({ baseUrl: proxy.url });
      const [plain, faulty] = [await newModel(), await newModel(through)];
      for (const trainer of [plain, faulty]) {
        await Promise.all([trainer.forwardBackward([datum(4)], crossEntropy), trainer.optimStep(adam)]);
        expect(await trainer.saveWeightsForSampler("a")).toContain(trainer.modelId);
        await Promise.all([trainer.forwardBackward([datum(4)], crossEntropy), trainer.optimStep(adam)]);
      }
      expect(proxy.lost()).toBe(1);
      const [one, two] = await Promise.all([plain.forward([datum(4)]), faulty.forward([datum(4)])]);
      expect(distance(one.logprobs[0]!, two.logprobs[0]!)).toBeLessThan(1e-5);
      for (const { modelId } of [plain, faulty]) await client.unloadModel(modelId);
      await through.close();
      proxy.close();
    },
  );
});

test("the engine samples conversations whose tokens can be trained on", async () => {
  const { engine } = await openEngine({ engine: "tinker", baseUrl: url });
  const messages = [{ role: "user" as const, content: "Write one criterion." }];
  const request = { messages, n: 2, maxTokens: 8, temperature: 1, topP: 1, seed: 1, stop: [] };
  const generations = await engine.generate({ ...request, logprobs: true });
  expect(generations).toHaveLength(2);
  expect(generations[0]!.usage.outputTokens).toBeGreaterThan(0);
  expect(await engine.generate({ ...request, logprobs: true })).toMatchObject(
    generations.map(({ text, tokens }) => ({ text, tokens })),
  );
  const sampler = client.openSampler({ baseModel });
  const { prompt, answers } = await sampleConversation(sampler, codec, { ...request, seed: 1 });
  const trainer = await newModel();
  const all = Int32Array.of(...prompt, ...answers[0]!.tokens);
  const { logprobs } = await trainer.forward([{ input: all.slice(0, -1), target: all.slice(1) }]);
  expect(distance(logprobs[0]!.subarray(prompt.length - 1), answers[0]!.logprobs)).toBeLessThan(1e-3);
  await client.unloadModel(trainer.modelId);
  await engine.close();
});

test("a restart of the server is noticed, and training goes on from saved weights", async () => {
  const trainer = await newModel();
  await Promise.all([trainer.forwardBackward([datum(5)], crossEntropy), trainer.optimStep(adam)]);
  const state = await trainer.saveWeights("before");
  const { logprobs } = await trainer.forward([datum(5)]);
  const port = Number(new URL(url).port);
  await stopEngine({ env });
  await up(port);
  const lost = trainer.forwardBackward([datum(5)], crossEntropy);
  await expect(lost).rejects.toMatchObject({ code: "tinker-forgotten", resumable: true });
  await expect(trainer.optimStep(adam)).rejects.toMatchObject({ code: "tinker-broken-off", resumable: true });
  const again = await openTinker({ baseUrl: url });
  const next = await newModel(again);
  await next.loadWeights(state);
  expect(distance((await next.forward([datum(5)])).logprobs[0]!, logprobs[0]!)).toBeLessThan(1e-4);
  await again.close();
});

/** A proxy that passes everything on, and ends the connection instead of passing on the first answer to one path. */
async function startProxy(target: string, path: string) {
  let lost = 0;
  const server: Server = createServer((incoming, outgoing) => {
    const { method, headers, url: asked = "" } = incoming;
    const passed = httpRequest(`${target}${asked}`, { method, headers }, (answer) => {
      if (asked === path && lost === 0) {
        lost += 1;
        answer.resume().on("end", () => incoming.socket.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on("error", () => incoming.socket.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, lost: () => lost, close };
}
