import { createWriteStream } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { pack } from "tar-stream";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { openTrainRun } from "../checkpoints/index.ts";
import { enginePaths } from "../engine/index.ts";
import { type ExportOptions, exportAdapter } from "./export-adapter.ts";
import { factors, type GivenTensor, putAdapter } from "./test-helpers.ts";

let folder = "";
let env: Record<string, string> = {};
beforeEach(async () => {
  folder = await temporaryFolder();
  env = { CERM_HOME: join(folder, "home") };
});

const a: GivenTensor = { shape: [2, 3], values: [1, 2, 3, 4, 5, 6] };
const b: GivenTensor = { shape: [2, 2], values: [1, 1, 0, 0] };
const peft = (config = {}) => putAdapter(join(folder, "peft"), factors("model.layers.0.mlp.up_proj", a, b), config);
const run = (options: Partial<ExportOptions> & { source: string }) =>
  exportAdapter({ format: "peft", out: join(folder, "out"), version: "1.2.3", env, ...options });

/** The adapter as the local engine keeps sampler weights. */
async function putWeights(path: string): Promise<void> {
  const source = await peft();
  const archive = pack();
  for (const name of await readdir(source)) archive.entry({ name }, await readFile(join(source, name)));
  archive.finalize();
  const { checkpoints } = enginePaths(env);
  await mkdir(join(checkpoints, path, ".."), { recursive: true });
  await pipeline(archive, createGzip(), createWriteStream(join(checkpoints, path)));
}

/** A run directory of four steps, the second of which was best. */
async function putRun(over: { baseModel?: string; data?: string } = {}): Promise<string> {
  const directory = join(folder, "run");
  const settings = { baseModel: "org/Base", learningRate: 0.001, data: "abc123", ...over };
  const about = { conversations: 12, baseUrl: "http://127.0.0.1:9" };
  const extent = { totalSteps: 4, settings: [] };
  const common = {
    settings,
    extent,
    about,
    version: "1.0.0",
    state: z.unknown(),
    keepLast: 9,
    better: "lower" as const,
  };
  const train = await openTrainRun({ directory, method: "sft", ...common });
  for (const [step, score] of [
    [0, 3],
    [2, 1.25],
    [4, 2],
  ] as const) {
    await train.metrics.append({ step, heldOutLoss: score, time: "2026-01-01T00:00:00Z", groups: { easy: step / 8 } });
    if (step === 0) continue;
    const path = `tinker://model_1/weights/step-${step}`;
    const samplerPath = `tinker://model_1/sampler_weights/step-${step}`;
    await train.ledger.record({ step, path, samplerPath, savedAt: "2026-01-01T00:00:00Z", score, state: {} });
  }
  await train.close();
  return directory;
}

describe("exporting an adapter", () => {
  it("of a run takes the best checkpoint from the local engine's files, with a card of data, settings and results", async () => {
    await putWeights("model_1/sampler_weights/step-2.tar.gz");
    const out = join(folder, "out");
    expect(await run({ source: await putRun() })).toEqual({
      ...{ format: "peft", out, rank: 2, alpha: 4, step: 2 },
      files: ["README.md", "adapter_config.json", "adapter_model.safetensors"],
    });
    for (const name of await readdir(join(folder, "peft")))
      expect(await readFile(join(out, name))).toEqual(await readFile(join(folder, "peft", name)));
    const card = await readFile(join(out, "README.md"), "utf8");
    for (const line of [
      'base_model: "org/Base"',
      "| Method | supervised fine-tuning |",
      "| Step | 2 |",
      "| Weights | tinker://model_1/sampler_weights/step-2 |",
      "| conversations | 12 |",
      "| data | abc123 |",
      "| learningRate | 0.001 |",
      // Not the last step: what came after this checkpoint says nothing of it.
      "| heldOutLoss | 3 (step 0) | 1.25 (step 2) |",
      "| groups.easy | 0 (step 0) | 0.25 (step 2) |",
    ])
      expect(card).toContain(`${line}\n`);
    expect(card).not.toMatch(/license|127\.0\.0\.1/);
  });

  it("tells others nothing of where things were on this machine", async () => {
    await putWeights("model_1/sampler_weights/step-2.tar.gz");
    const home = join(folder, "home");
    const source = await putRun({
      baseModel: join(home, "models", "Small-1.Q4-0123456789ab"),
      data: join(home, "data", "train.jsonl"),
    });
    await run({ source });
    const card = await readFile(join(folder, "out", "README.md"), "utf8");
    for (const line of ['base_model: "Small-1.Q4"', "| Base model | Small-1.Q4 |", "| data | train.jsonl |"])
      expect(card).toContain(`${line}\n`);
    expect(card).not.toContain(home);
  });

  it("of a run takes the checkpoint that is named", async () => {
    const source = await putRun();
    await putWeights("model_1/sampler_weights/step-4.tar.gz");
    expect(await run({ source, checkpoint: "last" })).toMatchObject({ step: 4 });
    const failed = run({ source, checkpoint: 3, out: join(folder, "other") });
    await expect(failed).rejects.toThrow("has no checkpoint of step 3; it has those of the steps 2, 4");
  });

  it("takes a tar.gz and a PEFT folder, and names the base model's licence", async () => {
    await putWeights("model_1/sampler_weights/x.tar.gz");
    const base = join(folder, "base");
    await mkdir(base);
    await writeFile(join(base, "README.md"), "---\nlicense: apache-2.0\n---\n");
    const archive = join(enginePaths(env).checkpoints, "model_1/sampler_weights/x.tar.gz");
    await run({ source: archive, base });
    expect(await readFile(join(folder, "out", "README.md"), "utf8")).toContain('license: "apache-2.0"\n');
    await rm(join(folder, "out"), { recursive: true });
    await run({ source: join(folder, "peft") });
    expect(await readFile(join(folder, "out", "README.md"), "utf8")).toContain('base_model: "some/base"\n');
  });

  it("for llama.cpp asks for the base model where it is not here", async () => {
    const failed = run({ source: await peft(), format: "gguf" });
    await expect(failed).rejects.toThrow(
      "the base model some/base is not here; name its folder or GGUF file with --base",
    );
    const base = join(folder, "base");
    await mkdir(base);
    await writeFile(join(base, "config.json"), JSON.stringify({ model_type: "gemma", num_attention_heads: 2 }));
    const other = run({ source: await peft(), format: "gguf", base });
    await expect(other).rejects.toThrow(
      "the model is of the family gemma; GGUF adapters can be made for llama and qwen3",
    );
    expect(await readdir(folder)).not.toContain("out");
  });

  it.each<[string, (text: string) => Promise<Partial<ExportOptions> & { source: string }>, string]>([
    [
      "nothing that is there",
      async (at) => ({ source: `${at}/none` }),
      "no such file or folder; expected the directory",
    ],
    ["a folder of something else", async (at) => ({ source: at }), "neither run.json nor adapter_config.json is in it"],
    [
      "weights that are nowhere",
      async () => ({ source: "tinker://m/x" }),
      "the local engine has no such weights; name the server that has them",
    ],
    [
      "what is no plain LoRA",
      async () => ({ source: await peft({ use_dora: true }) }),
      "no configuration of a plain LoRA adapter",
    ],
    ["ranks that differ by layer", async () => ({ source: await peft({ rank_pattern: { q: 8 } }) }), "rank_pattern"],
    [
      "another rank than the factors have",
      async () => ({ source: await peft({ r: 3 }) }),
      "lora_A is 2 x 3 and lora_B 2 x 2, expected 3 x in",
    ],
    [
      "other tensors",
      async () => ({ source: await putAdapter(join(folder, "peft"), { "base_model.model.lm_head.weight": a }) }),
      "is no factor of a LoRA adapter",
    ],
  ])("refuses %s", async (_what, options, message) => {
    await expect(run(await options(folder))).rejects.toThrow(message);
  });

  it("writes into no folder that holds something", async () => {
    const failed = run({ source: await peft(), out: join(folder, "peft") });
    await expect(failed).rejects.toThrow("is not empty; choose another folder");
  });
});
