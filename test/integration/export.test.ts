import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Datum, openTinker } from "../../src/tinker/index.ts";
import { startEngine, stopEngine } from "../../src/train/engine/index.ts";
import { writeGgufAdapter } from "../../src/train/export/gguf-adapter.ts";
import { openAdapter } from "../../src/train/export/read-adapter.ts";
import { runCli } from "../run-cli.ts";
import { sharedDataPath } from "../shared-data.ts";
import { tinyModelPath, trainingVariables } from "../tiny-model.ts";
import { writeTinyGguf } from "../tiny-model-gguf.ts";
import { embeddedLogprobs } from "./export-logprobs.ts";

const shared = sharedDataPath();
if (shared === undefined && process.env.CI !== undefined)
  throw new Error("there is no shared data: put it beside the repository, or name it in CERM_SHARED_DATA");
if (shared === undefined) console.warn("export: skipped, there is no shared data (set CERM_SHARED_DATA)");

/** llama.cpp keeps keys and values in half precision; with the tiny model this changes log-probabilities by some thousandths. */
const tolerance = 0.02;

let home = "";
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "cerm-export-"));
  for (const [name, value] of Object.entries({ CERM_HOME: home, ...trainingVariables() })) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

/** Twenty real queries, each with the beginning of a response. */
async function realPrompts(): Promise<string[]> {
  const rows = JSON.parse(await readFile(join(shared!, "llmbar/LLMBar/Natural/dataset.json"), "utf8")) as {
    input: string;
    output_1: string;
  }[];
  return rows
    .slice(0, 20)
    .map(({ input, output_1: output }) =>
      `<|im_start|>user\n${input.slice(0, 150)}<|im_end|>\n<|im_start|>assistant\n${output}`.slice(0, 300),
    );
}

function largest(a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[]): number {
  const differences = a.flatMap((row, index) => Array.from(row, (value, at) => Math.abs(value - b[index]![at]!)));
  return Math.max(...differences);
}

describe.skipIf(shared === undefined).each(["llama", "qwen3"] as const)("an adapter of the tiny %s", (family) => {
  const at = (name: string) => join(home, family, name);
  let texts: string[] = [];
  /** Log-probabilities that the trainer gives, before and after training. */
  let base: Float32Array[] = [];
  let trained: Float32Array[] = [];
  let weights = "";
  let url = "";

  const embedded = async (modelPath: string, lora?: string) => {
    const options = { modelPath, lora: lora === undefined ? undefined : [{ path: lora }] };
    return (await embeddedLogprobs(options, texts)).map(({ logprobs }) => logprobs);
  };

  beforeAll(async () => {
    const model = await tinyModelPath(family);
    texts = await realPrompts();
    const { state } = await startEngine({ model, maxLoraRank: 4, accelerator: "cpu", say: () => {} });
    url = state.url;
    await mkdir(join(home, family));
    await writeTinyGguf(model, at("base.gguf"));
    const sequences = await embeddedLogprobs({ modelPath: at("base.gguf") }, texts);
    const data = sequences.map(({ tokens }): Datum => {
      const length = tokens.length - 1;
      const weights = new Float32Array(length).fill(1 / length);
      return { input: Int32Array.from(tokens.slice(0, -1)), target: Int32Array.from(tokens.slice(1)), weights };
    });
    const client = await openTinker({ baseUrl: state.url });
    try {
      const trainer = await client.createModel({ baseModel: model, rank: 4, seed: 1 });
      const pass = () => trainer.forwardBackward(data, { name: "cross_entropy" });
      for (let step = 0; step < 4; step++) {
        const { logprobs } = await pass();
        if (step === 0) base = logprobs;
        await trainer.optimStep({ learningRate: 0.02, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0 });
      }
      trained = (await pass()).logprobs;
      weights = await trainer.saveWeightsForSampler("trained");
    } finally {
      await client.close();
    }
  });
  afterAll(async () => {
    await stopEngine();
  });

  test("is exported for the embedded engine, which then gives the trainer's log-probabilities", async () => {
    // The model as it was agrees, and training has changed it by far more than the tolerance.
    expect(largest(await embedded(at("base.gguf")), base)).toBeLessThan(tolerance);
    expect(largest(trained, base)).toBeGreaterThan(50 * tolerance);
    for (const type of ["f16", "f32"]) {
      // Named, the server is asked; else the engine's files are read.
      const out = at(`gguf-${type}`);
      const args = [
        "train",
        "export",
        weights,
        "--format",
        "gguf",
        "--type",
        type,
        "--out",
        out,
        "--base-url",
        url,
        "--json",
      ];
      const { code, notes, json } = await runCli(args);
      expect({ code, notes }).toEqual({ code: 0, notes: [] });
      expect(json()).toEqual([{ format: "gguf", out, files: ["README.md", "adapter.gguf"], rank: 4, alpha: 32 }]);
      expect(largest(await embedded(at("base.gguf"), join(out, "adapter.gguf")), trained)).toBeLessThan(tolerance);
    }
  });

  test("is exported as a PEFT folder, from the engine's files when it runs no more", async () => {
    await stopEngine();
    expect((await runCli(["train", "export", weights, "--format", "peft", "--out", at("peft")])).code).toBe(0);
    const adapter = await openAdapter(at("peft"));
    expect(adapter).toMatchObject({ rank: 4, alpha: 32, scale: 8, baseModel: await tinyModelPath(family) });
    expect(adapter.pairs.size).toBe(2 * 7);
    if (family === "llama") {
      // Two rows a head are in the same order either way: an adapter without the order of rows that llama.cpp has.
      const shape = { architecture: family, heads: 32, keyValueHeads: 16 };
      await writeGgufAdapter(adapter, shape, at("wrong.gguf"), { type: "F32" });
      expect(largest(await embedded(at("base.gguf"), at("wrong.gguf")), trained)).toBeGreaterThan(5 * tolerance);
    }
    await adapter.close();
  });

  test("is merged into the base model, which then gives the trainer's log-probabilities alone", async () => {
    const { code } = await runCli(["train", "export", at("peft"), "--format", "merged", "--out", at("merged")]);
    expect(code).toBe(0);
    await writeTinyGguf(at("merged"), at("merged.gguf"));
    expect(largest(await embedded(at("merged.gguf")), trained)).toBeLessThan(tolerance);
  });
});
