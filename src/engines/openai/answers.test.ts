import { describe, expect, it } from "vitest";
import { bodies, completion, open, said, scripted, stubAndEngine } from "../../../test/stub-server/engine-fixture.ts";
import { testRequest } from "../../../test/stub-server/fixtures.ts";
import { startStubServer } from "../../../test/stub-server/index.ts";
import { createOpenAIEngine } from "./create-openai-engine.ts";

describe("a generation", () => {
  it("has text, finish reason and usage with cached tokens", async () => {
    const { engine, stub } = await stubAndEngine({
      respond: scripted(
        completion([said("good")], {
          prompt_tokens: 9,
          completion_tokens: 2,
          prompt_tokens_details: { cached_tokens: 4 },
        }),
      ),
    });
    const [generation] = await engine.generate(testRequest());
    expect(generation).toMatchObject({
      text: "good",
      finishReason: "stop",
      usage: { promptTokens: 9, cachedPromptTokens: 4, outputTokens: 2 },
    });
    expect(generation).not.toHaveProperty("tokens");
    expect(engine.identity).toEqual({ engine: "openai", model: "stub-judge" });
    expect(bodies(stub)[0]).toEqual({
      model: "stub-judge",
      messages: testRequest().messages,
      max_tokens: 64,
      temperature: 0,
    });
  });

  it("counts 0 where the server counts nothing", async () => {
    const { engine } = await stubAndEngine({ respond: scripted(completion([said("good")])) });
    const [generation] = await engine.generate(testRequest());
    expect(generation!.usage).toEqual({ promptTokens: 0, cachedPromptTokens: 0, outputTokens: 0 });
  });

  it.each([
    ["stop", 5, "stop"],
    ["length", 5, "length"],
    [null, 5, "stop"],
    [null, 64, "length"],
    ["eos_token", 64, "length"],
  ])("reads finish_reason %s after %d tokens as %s", async (finish_reason, completion_tokens, expected) => {
    const { engine } = await stubAndEngine({
      respond: scripted(completion([said("good", { finish_reason })], { completion_tokens })),
    });
    expect((await engine.generate(testRequest()))[0]!.finishReason).toBe(expected);
  });

  it("has the content only where the model also reasoned", async () => {
    const { engine } = await stubAndEngine({
      respond: scripted(completion([{ message: { content: null, reasoning_content: "hm" }, finish_reason: "length" }])),
    });
    expect((await engine.generate(testRequest()))[0]).toMatchObject({ text: "", finishReason: "length" });
  });

  it("ends at a stop that the server kept", async () => {
    const { engine } = await stubAndEngine({
      respond: scripted(completion([said("one END two", { finish_reason: "length" })])),
    });
    expect((await engine.generate(testRequest({ stop: ["END"] })))[0]).toMatchObject({
      text: "one ",
      finishReason: "stop",
    });
  });

  it("sends sampling settings, stops and further members", async () => {
    const { engine, stub } = await stubAndEngine(
      {},
      { extraBody: { chat_template_kwargs: { enable_thinking: false } } },
    );
    await engine.generate(testRequest({ temperature: 0.7, topP: 0.9, stop: ["\n\n"] }));
    expect(bodies(stub)[0]).toMatchObject({
      temperature: 0.7,
      top_p: 0.9,
      seed: 7,
      stop: ["\n\n"],
      chat_template_kwargs: { enable_thinking: false },
    });
    expect(engine.identity.model).toMatch(/^stub-judge\+body:[0-9a-f]{12}$/);
  });

  it("has tokens with alternatives where asked for", async () => {
    const { engine, stub } = await stubAndEngine({ reply: () => "score 7" });
    const [generation] = await engine.generate(testRequest({ logprobs: true }));
    expect(bodies(stub)[0]).toMatchObject({ logprobs: true, top_logprobs: 20 });
    expect(generation!.tokens!.map((token) => token.text)).toEqual(["score", " ", "7"]);
    expect(generation!.tokens![2]!.top!.map((token) => token.text)).toEqual(["7", "6", "8"]);
    expect(generation!.tokens![2]!.logprob).toBeCloseTo(Math.log(0.6));
  });

  it("has no tokens where the server sends null for them", async () => {
    const { engine } = await stubAndEngine({ respond: scripted(completion([said("good", { logprobs: null })])) });
    expect((await engine.generate(testRequest({ logprobs: true })))[0]).not.toHaveProperty("tokens");
  });
});

describe("a stream", () => {
  it("gives the same as a plain answer", async () => {
    const plain = await stubAndEngine();
    const streamed = await stubAndEngine({}, { stream: true });
    const request = testRequest({ n: 2, temperature: 1, logprobs: true });
    const strip = (generations: object[]) => generations.map((each) => ({ ...each, milliseconds: 0 }));
    expect(strip(await streamed.engine.generate(request))).toEqual(strip(await plain.engine.generate(request)));
    expect(streamed.stub.counts.streamed).toBe(1);
    expect(plain.stub.counts.streamed).toBe(0);
  });

  it("that ends early, holds no JSON or an error is tried again", async () => {
    const event = (content: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
    const { engine, stub } = await stubAndEngine(
      {
        respond: scripted(
          { body: event("half") },
          { body: `${event("half")}data: {oops\n\n` },
          { body: `${event("half")}data: {"error":{"message":"out of memory","code":500}}\n\n` },
          { body: "" },
        ),
        reply: () => "whole",
      },
      { stream: true },
    );
    expect((await engine.generate(testRequest()))[0]!.text).toBe("whole");
    expect(bodies(stub)).toHaveLength(5);
  });

  it("waits for the first token, not for the first byte", async () => {
    const stub = await startStubServer({ latencyMs: 400 });
    open.push(stub);
    const engine = await createOpenAIEngine({
      baseUrl: stub.url,
      environment: {},
      timeouts: { firstTokenMs: 60 },
      maxAttempts: 1,
    });
    open.push(engine);
    await expect(engine.generate(testRequest())).rejects.toThrow(/no first token within 60 ms/);
  });
});
