import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { testRequest } from "../../test/stub-server/fixtures.ts";
import { type StubServer, startStubServer } from "../../test/stub-server/index.ts";
import { type EngineOptions, openEngine } from "./open-engine.ts";

let folder = "";
const stubs: StubServer[] = [];
const stub = async (...args: Parameters<typeof startStubServer>) => {
  stubs.push(await startStubServer(...args));
  return stubs.at(-1)!;
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cerm-engine-"));
  vi.stubEnv("CERM_HOME", folder);
});
afterEach(() => Promise.all(stubs.splice(0).map((each) => each.close())));
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test("a base URL is a server, several are replicas, a recording is replayed", async () => {
  const [one, two] = [await stub(), await stub()];
  const { engine, suggestedPack } = await openEngine({ baseUrl: one.url });
  expect(engine.identity).toEqual({ engine: "openai", model: "stub-judge" });
  expect(suggestedPack).toBe("default");
  await engine.close();

  const file = join(folder, "tape.jsonl");
  const pool = await openEngine({ baseUrl: [one.url, two.url], record: file });
  const requests = Array.from({ length: 20 }, (_, index) => testRequest({ affinity: `${index}`, seed: index }));
  const answers = await Promise.all(requests.map((request) => pool.engine.generate(request)));
  await pool.engine.close();
  expect(one.counts.completions).toBeGreaterThan(0);
  expect(two.counts.completions).toBeGreaterThan(0);
  await Promise.all([one.close(), two.close()]);

  const replay = await openEngine({ replay: file });
  expect(replay.engine.identity).toEqual(pool.engine.identity);
  expect((await replay.engine.generate(requests[3]!))[0]!.text).toBe(answers[3]![0]!.text);
  await replay.engine.close();
});

test("unguided, a server that takes forms is sent none", async () => {
  const server = await stub({ ownedBy: "vllm", version: "0.11.0", keepRequests: true });
  const form = { parts: [{ kind: "choice" as const, name: "c", options: ["1", "2"] }] };
  const forms = async (guided: boolean) => {
    const { engine } = await openEngine({ baseUrl: server.url, guided });
    await engine.generate(testRequest({ form }));
    await engine.close();
    return [engine.capabilities.forms, "structured_outputs" in server.requests.at(-1)!.body!];
  };
  expect(await forms(true)).toEqual(["grammar", true]);
  expect(await forms(false)).toEqual(["none", false]);
});

test.each<[EngineOptions, string]>([
  [{ engine: "openai" }, "base-url: the openai engine needs a server"],
  [{ engine: "replay" }, "engine: the replay engine needs a recording"],
  [
    { engine: "embedded", baseUrl: "http://x" },
    "base-url: is an option of the openai and tinker engines, and the engine is embedded",
  ],
  [
    { baseUrl: "http://x", replay: "f" },
    "base-url: is an option of the openai and tinker engines, and the engine is replay",
  ],
  [{ engine: "openai", baseUrl: "http://x", replay: "f" }, "replay: is an option of the replay engine"],
  [
    { replay: "f", model: "m" },
    "model: is an option of the embedded, openai and tinker engines, and the engine is replay",
  ],
  [{ replay: "f", guided: false }, "no-guided: is an option of the embedded and openai engines"],
  [{ baseUrl: "http://x", toy: true }, "toy: is an option of the embedded engine"],
  [{ baseUrl: "http://x", lora: [{ path: "a.gguf" }] }, "lora: is an option of the embedded engine"],
  [{ baseUrl: "http://x", gpu: false }, "no-gpu:"],
  [{ baseUrl: "http://x", threads: 1 }, "threads:"],
  [{ baseUrl: "http://x", parallel: 1 }, "parallel:"],
  [{ baseUrl: "http://x", contextTokens: 512 }, "context:"],
  [{ baseUrl: "http://x", lookup: true }, "lookup:"],
  [{ baseUrl: "http://x", sharePrefixes: false }, "sharePrefixes:"],
  [{ dialect: "vllm" }, "dialect: is an option of the openai engine, and the engine is embedded"],
  [{ headers: {} }, "header:"],
  [{ extraBody: {} }, "extra-body:"],
  [{ timeouts: { connectMs: 1 } }, "connect-timeout:"],
  [{ timeouts: { firstTokenMs: 1 } }, "first-token-timeout:"],
  [{ timeouts: { totalMs: 1 } }, "timeout:"],
  [{ maxConcurrency: 1 }, "max-concurrency:"],
  [{ maxAttempts: 1 }, "maxAttempts:"],
  [{ baseUrl: "http://x", guided: false, dialect: "vllm" }, "dialect: asks for forms in a dialect"],
  [{ lookup: true }, "lookup: guesses only where the model writes freely"],
  [{ toy: true, model: "auto" }, "toy: is a model itself"],
])("refuses options that do not go together: %o", async (options, message) => {
  await expect(openEngine(options)).rejects.toThrow(message);
});

test("options that are there but undefined are not given", async () => {
  const server = await stub();
  const options = {
    lora: [],
    threads: undefined,
    gpu: "auto",
    timeouts: { totalMs: undefined },
    guided: true,
  } as const;
  const { engine } = await openEngine({ ...options, lora: [], baseUrl: server.url });
  await engine.close();
});

test("a recording that cannot be written, or is of another model", async () => {
  const [server, other] = [await stub(), await stub({ models: [{ id: "other-judge" }] })];
  const nowhere = join(folder, "no", "such", "folder.jsonl");
  await expect(openEngine({ baseUrl: server.url, record: nowhere })).rejects.toThrow(
    `${nowhere}, record: cannot be written: ENOENT`,
  );
  const record = join(folder, "kept.jsonl");
  const { engine } = await openEngine({ baseUrl: server.url, record });
  await engine.close();
  await expect(openEngine({ baseUrl: other.url, record })).rejects.toThrow('records openai "stub-judge", not openai');
});

test("a model that is not there is an error that names it, without a download", async () => {
  const said: string[] = [];
  const missing = openEngine({ model: join(folder, "missing.gguf"), say: (line) => said.push(line) });
  await expect(missing).rejects.toThrow("missing.gguf");
  await expect(openEngine({ model: "no-such-name" })).rejects.toThrow('no pulled model is named "no-such-name"');
  expect(said).toEqual([]);
  await expect(readFile(join(folder, "calibrations.json"))).rejects.toThrow("ENOENT");
});
