import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { open, stubAndEngine } from "../../../test/stub-server/engine-fixture.ts";
import { testRequest } from "../../../test/stub-server/fixtures.ts";
import { startStubServer } from "../../../test/stub-server/index.ts";
import { EngineError, InputError } from "../../core/errors.ts";
import { createOpenAIEngine } from "./create-openai-engine.ts";

describe("the key", () => {
  const key = "sk-very-secret/key+1";

  it("comes from the environment, CERM_API_KEY first", async () => {
    const { stub } = await stubAndEngine({}, { environment: { CERM_API_KEY: "one-key", OPENAI_API_KEY: "two-key" } });
    expect(stub.requests[0]!.headers.authorization).toBe("Bearer one-key");
    const other = await stubAndEngine({}, { environment: { OPENAI_API_KEY: "two-key" } });
    expect(other.stub.requests[0]!.headers.authorization).toBe("Bearer two-key");
  });

  it.each([400, 401, 429, 500])("is hidden when the server sends it back with %d", async (status) => {
    const echo = `${JSON.stringify(key)} ${encodeURIComponent(key)} ${Buffer.from(key).toString("base64")} ${"y".repeat(430)} ${key}`;
    const { engine } = await stubAndEngine(
      { echoKey: true, respond: (call) => (call.body === undefined ? undefined : { status, body: echo }) },
      { apiKey: key, maxAttempts: 2 },
    );
    const error = await engine.generate(testRequest()).catch((reason: unknown) => reason);
    const shown = inspect(error, { depth: 10, showHidden: true });
    expect(shown).toContain(`HTTP ${status}`);
    expect(shown).toContain("[hidden]");
    for (const part of [key, encodeURIComponent(key), Buffer.from(key).toString("base64"), "very-secret"]) {
      expect(shown).not.toContain(part);
    }
    expect(inspect(engine, { depth: 2 })).not.toContain(key);
    expect(JSON.stringify(engine)).not.toContain(key);
  });

  it("is hidden in a malformed answer, an error in the answer and a refusal", async () => {
    for (const body of [
      `oops ${key}`,
      { error: { message: `no ${key}` } },
      { choices: [{ message: { refusal: key } }] },
    ]) {
      const { engine } = await stubAndEngine(
        { respond: (call) => (call.body === undefined ? undefined : { body }) },
        { apiKey: key, maxAttempts: 1 },
      );
      const error = await engine.generate(testRequest()).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(EngineError);
      expect(inspect(error, { depth: 10 })).not.toContain("very-secret");
    }
  });

  it("is hidden where it is part of the URL or a header, and sent all the same", async () => {
    const stub = await startStubServer({
      keepRequests: true,
      respond: () => ({ status: 403, body: "no hunter22-pw, no query-secret, no header-secret" }),
    });
    open.push(stub);
    const made = createOpenAIEngine({
      baseUrl: `${stub.url.replace("http://", "http://user-name:hunter22-pw@")}/v1?code=query-secret`,
      headers: { "X-Api-Key": "header-secret" },
      environment: {},
    });
    const error = await made.catch((reason: unknown) => reason);
    expect(inspect(error, { depth: 10 })).not.toMatch(/hunter22|query-secret|header-secret|user-name/);
    const { headers, url } = stub.requests[0]!;
    expect(headers.authorization).toBe(`Basic ${Buffer.from("user-name:hunter22-pw").toString("base64")}`);
    expect(headers["x-api-key"]).toBe("header-secret");
    expect(url).toBe("/v1/models?code=query-secret");
  });

  it("is hidden where the URL that holds it is wrong", async () => {
    await expect(createOpenAIEngine({ baseUrl: "ftp://user:hunter22-pw@host/", environment: {} })).rejects.toSatisfy(
      (error: Error) => error instanceof InputError && !inspect(error).includes("hunter22"),
    );
  });
});
