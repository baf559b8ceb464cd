import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runProcess } from "../src/engines/models/run-process.ts";
import { installEnvironment, type PythonEnvironment } from "../src/train/engine/install-environment.ts";
import { cacheDirectory } from "./cache-directory.ts";

const script = fileURLToPath(new URL("tiny-model/make_tiny_model.py", import.meta.url));
const packs = fileURLToPath(new URL("../src/prompts/packs", import.meta.url));
const license = fileURLToPath(new URL("../LICENSE", import.meta.url));

/** Environment variables with which `cerm engine up` takes the tests' Python environment. */
export function trainingVariables(): { CERM_ENGINE_ENVIRONMENTS: string } {
  return { CERM_ENGINE_ENVIRONMENTS: join(cacheDirectory, "training") };
}

/** The Python environment on the processor, shared by all tests: installed where it is missing, which takes a minute or two. */
export function trainingEnvironment(): Promise<PythonEnvironment> {
  const directory = trainingVariables().CERM_ENGINE_ENVIRONMENTS;
  return installEnvironment({ accelerator: "cpu", directory, env: process.env, say: (line) => console.log(line) });
}

/**
 * Folder of a tiny random model (hidden size 64, two layers, 1024 tokens, float32) with a tokenizer and ChatML, made once in
 * the tests' cache. Nothing is asked from a hub.
 *
 * `outputScale` is the weight of the last norm, which adapters leave as it is. Tokens' embeddings, which are the output
 * layer too, have a length of about 0.8, so at a scale of 1 no training can make a token likelier than 30 %. At 4 it can
 * learn to write a text.
 */
export async function tinyModelPath(family: "llama" | "qwen3" = "llama", { outputScale = 1 } = {}): Promise<string> {
  const texts = (await readdir(packs, { recursive: true })).filter((name) => name.endsWith(".jinja")).sort();
  const files = [...texts.map((name) => join(packs, name)), license];
  const hash = createHash("sha256");
  for (const file of [script, ...files]) hash.update(await readFile(file));
  const folder = join(cacheDirectory, `tiny-${family}-${outputScale}-${hash.digest("hex").slice(0, 12)}`);
  if (existsSync(folder)) return folder;
  const { python } = await trainingEnvironment();
  await mkdir(cacheDirectory, { recursive: true });
  const making = await mkdtemp(`${folder}-`);
  const { code, stderr } = await runProcess([python, script, making, family, String(outputScale), ...files], {
    env: { ...process.env, HF_HUB_OFFLINE: "1" },
  });
  if (code !== 0) throw new Error(`the tiny model could not be made: ${stderr}`);
  // Another test process may have been faster; then its copy is as good.
  await rename(making, folder).catch(() => rm(making, { recursive: true, force: true }));
  return folder;
}
