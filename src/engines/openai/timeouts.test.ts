import { describe, expect, it } from "vitest";
import { bodies, open, scripted, stubAndEngine } from "../../../test/stub-server/engine-fixture.ts";
import { testRequest } from "../../../test/stub-server/fixtures.ts";
import { startStubServer } from "../../../test/stub-server/index.ts";
import { EngineError } from "../../core/errors.ts";
import { createOpenAIEngine } from "./create-openai-engine.ts";

describe("timeouts and aborts", () => {
  it("ends a request that takes too long, and tries again", async () => {
    const { engine, stub } = await stubAndEngine({ respond: scripted({ hang: true }) }, { timeouts: { totalMs: 100 } });
    await expect(engine.generate(testRequest())).resolves.toHaveLength(1);
    expect(bodies(stub)).toHaveLength(2);
  });

  it("names the limit that was reached", async () => {
    const { engine } = await stubAndEngine({ faults: { hang: 1 } }, { timeouts: { totalMs: 60 }, maxAttempts: 1 });
    await expect(engine.generate(testRequest())).rejects.toThrow(
      /no complete answer within 60 ms \(timeouts.totalMs\)/,
    );
  });

  it("limits the time to the headers of a plain answer by firstTokenMs", async () => {
    const { engine } = await stubAndEngine(
      { faults: { hang: 1 } },
      { timeouts: { firstTokenMs: 60 }, stream: false, maxAttempts: 1 },
    );
    await expect(engine.generate(testRequest())).rejects.toThrow(/timeouts.firstTokenMs/);
  });

  it("limits the time to connect", async () => {
    const { createServer } = await import("node:net");
    // Accepts and says nothing, so that the TLS handshake never ends.
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as { port: number };
    const started = Date.now();
    const made = createOpenAIEngine({
      baseUrl: `https://127.0.0.1:${port}`,
      environment: {},
      timeouts: { connectMs: 100 },
      maxAttempts: 1,
    });
    await expect(made).rejects.toMatchObject({ code: "unreachable", retryable: true });
    expect(Date.now() - started).toBeLessThan(3000);
    silent.close();
  });

  it("says that nothing listens", async () => {
    const stub = await startStubServer();
    await stub.close();
    const made = createOpenAIEngine({ baseUrl: stub.url, environment: {} });
    await expect(made).rejects.toMatchObject({ code: "unreachable", message: expect.stringContaining("ECONNREFUSED") });
  });

  it("an abort ends the opening while the server says nothing", async () => {
    const stub = await startStubServer({ respond: () => ({ hang: true }) });
    const controller = new AbortController();
    const opening = createOpenAIEngine({ baseUrl: stub.url, environment: {}, signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 30);
    await expect(opening).rejects.toThrow("enough");
    await stub.close();
  });

  it("an abort ends a request in flight with the signal's reason", async () => {
    const { engine } = await stubAndEngine({ faults: { hang: 1 } });
    const controller = new AbortController();
    const running = engine.generate(testRequest(), controller.signal);
    setTimeout(() => controller.abort(new Error("enough")), 30);
    await expect(running).rejects.toThrow("enough");
    await expect(engine.generate(testRequest(), controller.signal)).rejects.toThrow("enough");
  });

  it("an abort ends a wait between attempts", async () => {
    const stub = await startStubServer({ respond: scripted({ status: 429, headers: { "retry-after": "50" } }) });
    open.push(stub);
    const engine = await createOpenAIEngine({ baseUrl: stub.url, environment: {} });
    open.push(engine);
    const controller = new AbortController();
    const running = engine.generate(testRequest(), controller.signal);
    setTimeout(() => controller.abort(new Error("enough")), 60);
    await expect(running).rejects.toThrow("enough");
  });

  it("an abort ends a request that waits for a place", async () => {
    const { engine } = await stubAndEngine({ faults: { hang: 1 } }, { maxConcurrency: 1 });
    const first = engine.generate(testRequest()).catch((reason: unknown) => reason);
    const controller = new AbortController();
    const second = engine.generate(testRequest(), controller.signal);
    controller.abort(new Error("enough"));
    await expect(second).rejects.toThrow("enough");
    await engine.close();
    expect(await first).toBeInstanceOf(EngineError);
  });

  it("close ends what is in flight and what comes later", async () => {
    const { engine } = await stubAndEngine({ faults: { hang: 1 } });
    const running = engine.generate(testRequest());
    setTimeout(() => engine.close(), 30);
    await expect(running).rejects.toMatchObject({ code: "closed", retryable: false });
    await expect(engine.generate(testRequest())).rejects.toMatchObject({ code: "closed" });
  });
});
