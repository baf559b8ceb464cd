import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startTinkerServer } from "../../test/tinker-server/index.ts";
import { adam, crossEntropy, datum, startClient, startTraining } from "../../test/tinker-server/start-training.ts";
import { openTinker } from "./open-tinker.ts";

describe.each(["protobuf", "json"] as const)("a server that answers %s", (format) => {
  test("trains, saves and samples", async () => {
    const { server, client, trainer } = await startTraining({ format, notYet: 2 }, { requestFormat: format });
    const pass = await trainer.forwardBackward([datum, { ...datum, weights: undefined }], crossEntropy);
    expect(pass).toEqual({
      logprobs: [Float32Array.of(-1, -1, -1), Float32Array.of(-1, -1, -1)],
      metrics: { "loss:sum": 2 },
    });
    expect(await trainer.optimStep(adam)).toEqual({
      metrics: { "skyrl.ai/grad_norm": 0.5, "skyrl.ai/learning_rate": 1e-4 },
    });
    expect(server.effects.find(({ pass }) => pass)?.pass).toMatchObject({
      ...{ loss: "cross_entropy", forwardOnly: false, seqId: 1 },
      data: [
        { input: [1, 2, 3], arrays: { target_tokens: [2, 3, 4], weights: [0, 1, 1] } },
        { input: [1, 2, 3], arrays: { target_tokens: [2, 3, 4] } },
      ],
    });
    expect(server.effects.at(-1)?.body).toEqual({
      ...{ model_id: trainer.modelId, seq_id: 2 },
      adam_params: { learning_rate: 1e-4, beta1: 0.9, beta2: 0.95, eps: 1e-8, weight_decay: 0 },
    });
    const modelPath = await trainer.saveWeightsForSampler("a");
    const sampler = client.openSampler({ modelPath });
    const request = { prompt: Int32Array.of(5, 6), n: 2, maxTokens: 2, temperature: 1, seed: 7, promptLogprobs: true };
    expect(await sampler.sample(request)).toEqual({
      sequences: [
        { tokens: Int32Array.of(7, 8), logprobs: Float32Array.of(-0.5, -0.5), stopReason: "length" },
        { tokens: Int32Array.of(8, 9), logprobs: Float32Array.of(-0.5, -0.5), stopReason: "length" },
      ],
      promptLogprobs: Float32Array.of(Number.NaN, -2),
    });
    expect(server.effects.at(-1)?.body?.model_path).toBe(modelPath);
  });

  test("a policy loss carries its arrays and settings", async () => {
    const { server, trainer } = await startTraining({ format }, { requestFormat: format });
    const policy = { ...datum, logprobs: Float32Array.of(0, -0.5, -1), advantages: Float32Array.of(0, 2, 2) };
    await trainer.forwardBackward([policy], {
      name: "ppo",
      config: { clip_low_threshold: 0.8, clip_high_threshold: 1.2 },
    });
    expect(server.effects.at(-1)?.pass).toMatchObject({
      ...{ loss: "ppo", config: { clip_low_threshold: 0.8, clip_high_threshold: 1.2 } },
      data: [{ arrays: { logprobs: [0, -0.5, -1], advantages: [0, 2, 2] } }],
    });
  });
});

test("a forward pass adds no gradient", async () => {
  const { trainer, effects } = await startTraining();
  expect((await trainer.forward([datum])).logprobs).toEqual([Float32Array.of(-1, -1, -1)]);
  expect(effects()).toEqual(["forward"]);
});

test("large bodies are compressed", async () => {
  const { server, trainer } = await startTraining();
  const length = 50_000;
  const long = { input: new Int32Array(length).fill(3), target: Int32Array.from({ length }, (_, i) => i % 1000) };
  await trainer.forwardBackward([long], crossEntropy);
  expect(server.requests.find(({ path }) => path === "/forward_backward")?.headers["content-encoding"]).toBe("zstd");
  expect(server.effects.at(-1)?.pass?.data[0]?.arrays.target_tokens).toEqual([...long.target]);
});

test("prompt log-probabilities get an entry for the first token where the server has none", async () => {
  const { client } = await startClient({ shortPromptLogprobs: true });
  const request = { prompt: Int32Array.of(5, 6, 7), n: 1, maxTokens: 1, temperature: 0, seed: 1, promptLogprobs: true };
  const { promptLogprobs } = await client.openSampler({ baseModel: "tiny" }).sample(request);
  expect(promptLogprobs).toEqual(Float32Array.of(Number.NaN, -2, -2));
});

test("calls made without waiting take effect in their order", async () => {
  const { server, trainer, effects } = await startTraining({ notYet: 1 });
  server.fault("/forward_backward", { kind: "slow", ms: 30 });
  await Promise.all([
    trainer.forwardBackward([datum], crossEntropy),
    trainer.forwardBackward([datum], crossEntropy),
    trainer.optimStep(adam),
    trainer.saveWeights("one"),
    trainer.forwardBackward([datum], crossEntropy),
  ]);
  const order = ["forward_backward", "forward_backward", "optim_step", "save_weights", "forward_backward"];
  expect(effects()).toEqual(order);
});

test("saved weights are listed, loaded into a new model, downloaded and deleted", async () => {
  const { server, client, trainer } = await startTraining();
  const state = await trainer.saveWeights("step-1");
  const forSampler = await trainer.saveWeightsForSampler("step-1");
  expect((await client.checkpoints(trainer.modelId)).map(({ kind, name }) => [kind, name])).toEqual([
    ["training", "step-1"],
    ["sampler", "step-1"],
  ]);
  expect((await client.trainingRuns()).map(({ id, rank }) => [id, rank])).toEqual([[trainer.modelId, 8]]);
  const next = await client.createModel({ baseModel: "tiny", rank: 8, seed: 1 });
  await next.loadWeights(state, { optimizer: false });
  expect(server.effects.at(-1)).toMatchObject({ type: "load_weights", body: { path: state, optimizer: false } });

  const folder = join(await mkdtemp(join(tmpdir(), "tinker-")), "adapter");
  await client.downloadCheckpoint(forSampler, folder);
  expect((await readdir(folder)).sort()).toEqual(["adapter_config.json", "adapter_model.safetensors"]);
  expect(await readFile(join(folder, "adapter_model.safetensors"), "utf8")).toBe("weights");
  await expect(client.downloadCheckpoint(forSampler, folder)).rejects.toThrow(/is there already/);

  await client.deleteCheckpoint(state);
  await client.deleteCheckpoint(state);
  expect((await client.checkpoints(trainer.modelId)).map(({ kind }) => kind)).toEqual(["sampler"]);
});

test("says what the server knows", async () => {
  const { client, trainer } = await startTraining();
  expect(await client.capabilities()).toEqual({ models: ["tiny"] });
  expect(await client.modelInfo(trainer.modelId)).toEqual({ baseModel: "tiny", rank: 8 });
  expect(await client.weightsInfo("tinker://a/weights/b")).toEqual({ baseModel: "tiny", rank: 8 });
  await client.unloadModel(trainer.modelId);
});

test("the session is kept alive until the client is closed", async () => {
  const { server, client } = await startClient({}, { heartbeatMs: 1 });
  const beats = () => server.requests.filter(({ path }) => path === "/session_heartbeat").length;
  await expect.poll(beats).toBeGreaterThan(2);
  await client.close();
  const before = beats();
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(beats()).toBeLessThanOrEqual(before + 1);
});

test("an address may end with /api/v1", async () => {
  const server = await startTinkerServer();
  const client = await openTinker({ baseUrl: `${server.url}/api/v1/`, environment: {} });
  expect((await client.capabilities()).models).toEqual(["tiny"]);
  await client.close();
  await server.close();
});
