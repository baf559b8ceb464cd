import { describe, expect, it } from "vitest";
import { bodies, completion, said, scripted, stubAndEngine } from "../../../test/stub-server/engine-fixture.ts";
import { testRequest } from "../../../test/stub-server/fixtures.ts";
import type { StubResponse } from "../../../test/stub-server/index.ts";
import { EngineError } from "../../core/errors.ts";

describe("retries", () => {
  it.each([408, 409, 425, 429, 500, 502, 503, 504, 529])("tries again after %d", async (status) => {
    const { engine, stub, clock } = await stubAndEngine({ respond: scripted({ status }, { status }) });
    await expect(engine.generate(testRequest())).resolves.toHaveLength(1);
    expect(bodies(stub)).toHaveLength(3);
    expect(clock.sleeps).toEqual([125, 250]);
  });

  it.each([400, 401, 402, 403, 404, 405, 410, 413, 422, 451])(
    "does not try again after %d and shows its body",
    async (status) => {
      const { engine, stub } = await stubAndEngine({
        respond: scripted({ status, body: `because ${"x".repeat(900)}` }),
      });
      const error = (await engine.generate(testRequest()).catch((reason: unknown) => reason)) as EngineError;
      expect(error).toBeInstanceOf(EngineError);
      expect(error).toMatchObject({ retryable: false, status });
      expect(error.message).toContain("because xxx");
      expect(error.message.length).toBeLessThan(700);
      expect(bodies(stub)).toHaveLength(1);
    },
  );

  it.each([
    ["a body cut off", { body: { choices: [said("good")] }, cut: true }],
    ["malformed JSON", { body: '{"choices": [' }],
    ["an empty body", { body: "" }],
    ["no choices", completion([])],
    ["choices of a wrong type", completion("none")],
    ["content of a wrong type", completion([said(7)])],
    ["no message", completion([{ finish_reason: "stop" }])],
    ["an error in the body", { body: { error: { message: "overloaded", code: 503 } } }],
    ["an answer given up", completion([said("go", { finish_reason: "abort" })])],
  ] as [string, StubResponse][])("tries again after %s", async (_, response) => {
    const { engine, stub } = await stubAndEngine({ respond: scripted(response), reply: () => "whole" });
    expect((await engine.generate(testRequest()))[0]!.text).toBe("whole");
    expect(bodies(stub)).toHaveLength(2);
  });

  it.each([
    ["a filtered answer", completion([said("", { finish_reason: "content_filter" })]), /content filter/],
    ["a refusal", completion([{ message: { content: null, refusal: "I must not" } }]), /I must not/],
    ["an error of the request in the body", { body: { error: { message: "bad", code: 400 } } }, /bad/],
  ] as [string, StubResponse, RegExp][])("does not try again after %s", async (_, response, message) => {
    const { engine, stub } = await stubAndEngine({ respond: scripted(response) });
    await expect(engine.generate(testRequest())).rejects.toThrow(message);
    expect(bodies(stub)).toHaveLength(1);
  });

  it("end after maxAttempts with the last error", async () => {
    const { engine, stub } = await stubAndEngine({ faults: { status500: 1 } }, { maxAttempts: 3 });
    await expect(engine.generate(testRequest())).rejects.toMatchObject({
      retryable: true,
      status: 500,
      code: "http-500",
    });
    expect(stub.counts.status500).toBe(3);
  });

  it("wait as long as Retry-After says, in seconds or until a date", async () => {
    const { engine, clock } = await stubAndEngine({
      respond: scripted(
        { status: 429, headers: { "retry-after": "7" } },
        { status: 503, headers: { "retry-after": "Thu, 01 Jan 2026 00:00:30 GMT" } },
        { status: 503, headers: { "retry-after": "86400" } },
      ),
    });
    await engine.generate(testRequest());
    expect(clock.sleeps).toEqual([7125, 30_000 - 7125 + 125, 60_125]);
  });

  it("reach an end for every one of many requests on a server with all faults", async () => {
    const { engine, stub } = await stubAndEngine(
      { faults: { status429: 0.1, status500: 0.1, hang: 0.1, cutBody: 0.1, malformedJson: 0.1 }, latencyMs: 2 },
      { timeouts: { totalMs: 150 }, maxAttempts: 12 },
    );
    const results = await Promise.allSettled(
      Array.from({ length: 200 }, (_, index) =>
        engine.generate(testRequest({ messages: [{ role: "user", content: `query ${index}` }] })),
      ),
    );
    const failed = results.filter((result) => result.status === "rejected");
    for (const each of failed) expect(each.reason).toBeInstanceOf(EngineError);
    expect(failed.length).toBeLessThan(5);
    for (const kind of ["status429", "status500", "hang", "cutBody", "malformedJson"] as const) {
      expect(stub.counts[kind]).toBeGreaterThan(0);
    }
  });
});
