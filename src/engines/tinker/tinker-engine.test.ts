import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startTinkerServer, type TinkerServerOptions } from "../../../test/tinker-server/index.ts";
import type { GenerateRequest } from "../engine.ts";
import { openEngine } from "../open-engine.ts";
import { openTinkerEngine } from "./open-tinker-engine.ts";
import { byteTokenizer, specialId } from "./testing/byte-tokenizer.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cerm-tokenizer-"));
  const { tokenizer, chatTemplate, bosToken, eosToken } = byteTokenizer();
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
  const config = { bos_token: bosToken, eos_token: { content: eosToken, special: true } };
  await writeFile(join(folder, "tokenizer_config.json"), JSON.stringify(config));
  await writeFile(join(folder, "chat_template.jinja"), chatTemplate!);
  await writeFile(join(folder, "config.json"), JSON.stringify({ max_position_embeddings: 100 }));
});
afterAll(() => rm(folder, { recursive: true }));

const turnEnd = specialId("<|im_end|>");
/** A sampler that says a text, each of its bytes with another log-probability. */
const says =
  (text: string, stopReason: "stop" | "length" = "stop"): TinkerServerOptions["sample"] =>
  () => {
    const tokens = [...Buffer.from(text), ...(stopReason === "stop" ? [turnEnd] : [])];
    return { tokens, logprobs: tokens.map((_, index) => -index / 8), stopReason };
  };

const request: GenerateRequest = {
  messages: [{ role: "user", content: "Hello" }],
  ...{ n: 1, maxTokens: 20, temperature: 0.5, topP: 0.9, seed: 7, stop: [] },
};

async function open(options: TinkerServerOptions, model?: string) {
  const server = await startTinkerServer(options);
  onTestFinished(() => server.close());
  const engine = await openTinkerEngine({
    baseUrl: server.url,
    model,
    tokenizer: folder,
    environment: {},
    maxAttempts: 1,
  });
  onTestFinished(() => engine.close());
  return { server, engine };
}

test("gives text, usage, and the tokens a policy is trained on", async () => {
  const { server, engine } = await open({ sample: says("Hi 👋") });
  const [first, second] = await engine.generate({ ...request, n: 2 });
  const prompt = "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n".replaceAll(
    /<\|im_(start|end)\|>/g,
    "?",
  ).length;
  expect(first).toMatchObject({
    ...{ text: "Hi 👋", finishReason: "stop" },
    usage: { promptTokens: prompt, cachedPromptTokens: 0, outputTokens: 8 },
  });
  expect(second!.usage.promptTokens).toBe(0);
  expect(first!.trajectory.prompt).toHaveLength(prompt);
  expect([...first!.trajectory.tokens]).toEqual([...Buffer.from("Hi 👋"), turnEnd]);
  expect(first!.trajectory.logprobs[2]).toBe(-0.25);
  expect(server.effects[0]?.body).toMatchObject({
    ...{ base_model: "tiny", num_samples: 2, prompt_logprobs: false },
    prompt: { chunks: [{ tokens: [...first!.trajectory.prompt] }] },
    sampling_params: { max_tokens: 20, temperature: 0.5, top_p: 0.9, stop: [turnEnd, specialId("<|end|>")] },
  });
});

test("log-probabilities are those of whole characters of the text, where asked for", async () => {
  const { engine } = await open({ sample: says("a👋") });
  const [generation] = await engine.generate({ ...request, logprobs: true });
  expect(generation!.tokens?.map(({ text, logprob }) => [text, logprob])).toEqual([
    ["a", -0],
    ["", -0.125],
    ["", -0.25],
    ["", -0.375],
    ["👋", -0.5],
    ["", -0.625],
  ]);
  expect((await engine.generate(request))[0]!.tokens).toBeUndefined();
});

test("an answer ends at a stop text, which is not kept", async () => {
  const { engine } = await open({ sample: says("one\nTwo three", "length") });
  const [cut] = await engine.generate({ ...request, stop: ["Two"], logprobs: true });
  expect(cut).toMatchObject({ text: "one\n", finishReason: "stop" });
  expect(cut!.tokens?.map(({ text }) => text).join("")).toBe("one\n");
  expect((await engine.generate(request))[0]).toMatchObject({ text: "one\nTwo three", finishReason: "length" });
});

test("neighbouring seeds share no samples", async () => {
  const { server, engine } = await open({ sample: says("a") });
  for (const seed of [1, 2]) await engine.generate({ ...request, seed, n: 4 });
  const [one, two] = server.effects.map(({ body }) => (body!.sampling_params as { seed: number }).seed) as [
    number,
    number,
  ];
  expect(Math.abs(one - two)).toBeGreaterThan(4);
});

test("its identity names the weights and the tokens", async () => {
  const { engine } = await open({});
  expect(engine.identity).toEqual({ engine: "tinker", model: expect.stringMatching(/^tiny#[0-9a-f]{12}$/) });
});

describe("the context", () => {
  test("cuts the limit of new tokens", async () => {
    const { server, engine } = await open({ sample: says("a") });
    await engine.generate({ ...request, maxTokens: 1000 });
    const promptTokens = (await engine.generate(request))[0]!.usage.promptTokens;
    expect(server.effects[0]?.body?.sampling_params).toMatchObject({ max_tokens: 100 - promptTokens });
  });

  test("is an error where the prompt does not fit", async () => {
    const { engine } = await open({});
    const messages = [{ role: "user" as const, content: "x".repeat(100) }];
    await expect(engine.generate({ ...request, messages })).rejects.toMatchObject({
      ...{ code: "context-overflow", contextTokens: 100 },
    });
  });
});

test("the server's failures are errors of an engine", async () => {
  const { server, engine } = await open({});
  server.fault("/asample", { kind: "status", status: 429, detail: "slow down" });
  await expect(engine.generate(request)).rejects.toMatchObject({ name: "EngineError", retryable: true, status: 429 });
});

describe("a model", () => {
  test("may be weights that were saved for a sampler, and its base model is asked for", async () => {
    const options: TinkerServerOptions = { sample: says("a") };
    const server = await startTinkerServer(options);
    onTestFinished(() => server.close());
    const { openTinker } = await import("../../tinker/open-tinker.ts");
    const client = await openTinker({ baseUrl: server.url, environment: {} });
    const trainer = await client.createModel({ baseModel: "tiny", rank: 8, seed: 1 });
    const model = await trainer.saveWeightsForSampler("step-1");
    await client.close();
    const { engine, suggestedPack } = await openEngine({
      engine: "tinker",
      baseUrl: server.url,
      model,
      tokenizer: folder,
    });
    expect(suggestedPack).toBe("default");
    expect((await engine.generate(request))[0]!.text).toBe("a");
    expect(server.effects.at(-1)?.body).toMatchObject({ model_path: model });
    await engine.close();
  });

  test("that the server does not have is an error that lists what it has", async () => {
    await expect(open({}, "other")).rejects.toThrow('model: is "other"; the server has tiny');
  });

  test("needs a tokenizer", async () => {
    const server = await startTinkerServer();
    onTestFinished(() => server.close());
    const options = { engine: "tinker", baseUrl: server.url, model: "tiny" } as const;
    await expect(openEngine(options)).rejects.toThrow(/tokenizer: is needed: tiny is no folder of this machine/);
    await expect(openEngine({ ...options, tokenizer: "/nowhere" })).rejects.toThrow(
      "/nowhere/tokenizer.json: is not there",
    );
    await expect(openEngine({ ...options, toy: true })).rejects.toThrow(/toy: is an option of the embedded engine/);
    await expect(openEngine({ engine: "tinker", baseUrl: [server.url, server.url] })).rejects.toThrow(
      /needs one server/,
    );
  });
});
