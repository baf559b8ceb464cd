import { describe, expect, it } from "vitest";
import { bodies, completion, open, said, scripted, stubAndEngine } from "../../../test/stub-server/engine-fixture.ts";
import { testRequest } from "../../../test/stub-server/fixtures.ts";
import { startStubServer } from "../../../test/stub-server/index.ts";
import { ContextOverflowError, EngineError } from "../../core/errors.ts";
import { deriveSeed } from "../../core/random.ts";
import { createOpenAIEngine } from "./create-openai-engine.ts";

describe("concurrency", () => {
  it("falls when the server refuses and finds its limit again", async () => {
    const stub = await startStubServer({ latencyMs: 20, capacity: 20 });
    open.push(stub);
    const engine = await createOpenAIEngine({
      baseUrl: stub.url,
      environment: {},
      random: () => 0.02,
      maxAttempts: 30,
    });
    open.push(engine);
    expect(engine.concurrency).toBe(32);
    await Promise.all(Array.from({ length: 300 }, () => engine.generate(testRequest())));
    expect(stub.counts.status429).toBeGreaterThan(0);
    expect(engine.concurrency).toBeLessThan(32);
    expect(engine.concurrency).toBeGreaterThanOrEqual(8);
  });

  it("doubles up to its maximum on a server that takes everything, on kept-alive connections", async () => {
    const { engine, stub } = await stubAndEngine({ latencyMs: 2 }, { maxConcurrency: 64, startConcurrency: 8 });
    await Promise.all(Array.from({ length: 500 }, () => engine.generate(testRequest())));
    expect(engine.concurrency).toBe(64);
    expect(stub.mostInFlight).toBeLessThanOrEqual(64);
    expect(stub.counts.connections).toBeLessThanOrEqual(64);
    expect(stub.counts.requests).toBeGreaterThan(500);
  });
});

describe("several generations", () => {
  it("come from one request, with usage that adds up to the server's", async () => {
    const { engine, stub } = await stubAndEngine({
      respond: scripted(
        completion([said("two", { index: 1 }), said("one", { index: 0 })], { prompt_tokens: 9, completion_tokens: 5 }),
      ),
    });
    const generations = await engine.generate(testRequest({ n: 2, temperature: 1 }));
    expect(generations.map((each) => each.text)).toEqual(["one", "two"]);
    expect(generations.map((each) => each.usage.promptTokens)).toEqual([9, 0]);
    expect(generations[0]!.usage.outputTokens + generations[1]!.usage.outputTokens).toBe(5);
    expect(bodies(stub)[0]).toMatchObject({ n: 2 });
  });

  it("are asked for one by one with derived seeds where the server ignores n", async () => {
    const { engine, stub } = await stubAndEngine({ ignoreN: true });
    for (let round = 0; round < 2; round++) {
      expect(await engine.generate(testRequest({ n: 3, temperature: 1 }))).toHaveLength(3);
    }
    const sent = bodies(stub).map((body) => [body.n, body.seed]);
    const seeds = [7, deriveSeed(7, 1), deriveSeed(7, 2)];
    expect(sent[0]).toEqual([3, 7]);
    expect(sent.slice(1, 3).map(([, seed]) => seed)).toEqual(seeds.slice(1));
    expect(sent.slice(3)).toEqual(seeds.map((seed) => [undefined, seed]));
  });

  it("are asked for one by one where the server refuses n, and at temperature 0", async () => {
    const { engine, stub } = await stubAndEngine({
      respond: scripted({ status: 400, body: { error: { message: "'n' must be 1", param: "n" } } }),
    });
    expect(await engine.generate(testRequest({ n: 2, temperature: 1 }))).toHaveLength(2);
    expect(await engine.generate(testRequest({ n: 2 }))).toHaveLength(2);
    expect(bodies(stub).map((body) => body.n)).toEqual([2, undefined, undefined, undefined, undefined]);
  });

  it("fewer than asked for, but more than one, are an error that is tried again", async () => {
    const { engine, stub } = await stubAndEngine({ respond: scripted(completion([said("a"), said("b")])) });
    expect(await engine.generate(testRequest({ n: 3, temperature: 1 }))).toHaveLength(3);
    expect(bodies(stub)).toHaveLength(2);
  });

  it("fail together", async () => {
    const { engine } = await stubAndEngine({ ignoreN: true, respond: scripted({}, { status: 400, body: "no" }) });
    await expect(engine.generate(testRequest({ n: 3 }))).rejects.toBeInstanceOf(EngineError);
  });
});

describe("what a server refuses", () => {
  it("max_tokens is sent by its new name from then on", async () => {
    const message =
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    const { engine, stub, clock } = await stubAndEngine({
      respond: scripted({ status: 400, body: { error: { message } } }),
    });
    await engine.generate(testRequest());
    await engine.generate(testRequest());
    expect(bodies(stub).map((body) => [body.max_tokens, body.max_completion_tokens])).toEqual([
      [64, undefined],
      [undefined, 64],
      [undefined, 64],
    ]);
    expect(clock.sleeps).toEqual([]);
  });

  it("logprobs are asked for in smaller number, or no more", async () => {
    const { engine, stub } = await stubAndEngine({
      respond: scripted(
        { status: 400, body: { error: { message: "top_logprobs must be less than or equal to 5" } } },
        {},
        {
          status: 500,
          body: { error: { message: "logprobs is not supported for models created with logits_all=False" } },
        },
      ),
    });
    expect(engine.capabilities.logprobs).toBe(true);
    await engine.generate(testRequest({ logprobs: true }));
    expect((await engine.generate(testRequest({ logprobs: true })))[0]).not.toHaveProperty("tokens");
    expect(engine.capabilities.logprobs).toBe(false);
    expect(bodies(stub).map((body) => body.top_logprobs)).toContain(5);
  });

  it("a prompt that is too long is a ContextOverflowError with both lengths", async () => {
    const { engine } = await stubAndEngine({
      respond: scripted({
        status: 400,
        body: {
          error: {
            message: "This model's maximum context length is 4096 tokens. However, your request has 5000 input tokens.",
          },
        },
      }),
    });
    const error = await engine.generate(testRequest()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ContextOverflowError);
    expect(error).toMatchObject({ promptTokens: 5000, contextTokens: 4096 });
    expect((error as Error).message).toContain("a prompt of 5000 tokens");
  });

  it("a refused form is said to be one", async () => {
    const { engine } = await stubAndEngine(
      { respond: scripted({ status: 400, body: { error: { message: "Invalid grammar" } } }) },
      { dialect: "llama-server" },
    );
    const form = { parts: [{ kind: "choice" as const, name: "score", options: ["1", "2"] }] };
    await expect(engine.generate(testRequest({ form }))).rejects.toMatchObject({
      code: "form-refused",
      message: expect.stringMatching(/dialect "llama-server".*Invalid grammar/),
    });
  });
});
