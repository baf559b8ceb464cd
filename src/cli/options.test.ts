import { expect, test } from "vitest";
import { cliHome } from "../../test/cli-home.ts";
import { type EngineFlags, engineOptions, judgeOptions } from "./options.ts";

const home = cliHome();
const flags = (more: Partial<EngineFlags> = {}): EngineFlags => ({ gpu: true, guided: true, ...more });

test("without flags and configuration everything is left to the defaults", async () => {
  const { config, timeouts, ...options } = await engineOptions(flags());
  expect(config).toEqual({});
  expect(Object.entries(options).filter(([, value]) => value !== undefined)).toEqual([
    ["gpu", "auto"],
    ["guided", true],
  ]);
  expect(Object.values(timeouts!)).toEqual([undefined, undefined, undefined]);
});

test("flags become options: seconds to milliseconds, headers to an object", async () => {
  const given = flags({ timeout: 1.5, connectTimeout: 2, firstTokenTimeout: 0.25, header: [["X-A", "1"]], gpu: false });
  expect(await engineOptions(given)).toMatchObject({
    ...{ timeouts: { totalMs: 1500, connectMs: 2000, firstTokenMs: 250 }, headers: { "X-A": "1" }, gpu: false },
  });
});

test("the configured server is used unless the flags choose another engine", async () => {
  const server = { engine: "openai", baseUrl: "http://configured:8000", model: "configured-model" };
  const config = await home.file("server.json", JSON.stringify(server));
  const resolved = async (more: Partial<EngineFlags>) => {
    const { engine, baseUrl, model, configuredModel } = await engineOptions(flags({ config, ...more }));
    return { engine, baseUrl, model, configuredModel };
  };
  const configuredModel = "configured-model";
  expect(await resolved({})).toEqual({ ...server, configuredModel });
  expect(await resolved({ baseUrl: ["http://flag:1"], model: "m" })).toEqual({
    ...{ engine: undefined, baseUrl: ["http://flag:1"], model: "m", configuredModel },
  });
  for (const [other, engine] of [
    [{ engine: "embedded" }, "embedded"],
    [{ toy: true }, undefined],
    [{ replay: "tape.jsonl" }, undefined],
  ] as const)
    expect(await resolved(other)).toEqual({ engine, baseUrl: undefined, model: undefined, configuredModel });
});

test("judge options come from the flags, then from the configuration", async () => {
  const settings = { pack: "compact", mode: "implicit", score: "expected", store: "none" };
  const config = await home.file("judge.json", JSON.stringify(settings));
  expect(await judgeOptions(flags({ config }))).toMatchObject(settings);
  const given = { pack: "default", mode: "unified", score: "hard", store: "x.db" } as const;
  expect(await judgeOptions({ ...flags({ config }), ...given, maxCriteriaTokens: 7 })).toMatchObject({
    ...{ ...given, maxTokens: { criteria: 7, evaluation: undefined } },
  });
});

test("a Tinker server comes from the configuration, its tokenizer from the flags", async () => {
  const server = { engine: "tinker", baseUrl: "http://localhost:8000", model: "tinker://model_1/step-10" };
  const config = await home.file("tinker.json", JSON.stringify(server));
  expect(await engineOptions({ ...flags({ config }), tokenizer: "base" })).toMatchObject({
    ...server,
    tokenizer: "base",
  });
});
