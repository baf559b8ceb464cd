import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { LocalEngineError } from "./local-engine-error.ts";

/** Architectures of SkyRL's JAX backend. */
const architectures = [
  "LlamaForCausalLM",
  "Llama3ForCausalLM",
  "Qwen3ForCausalLM",
  "Qwen3MoeForCausalLM",
  "Qwen3_5ForCausalLM",
  "Qwen3_5ForConditionalGeneration",
  "DeepseekV3ForCausalLM",
];

/** Values of `general.architecture` whose GGUF files become one of these. */
export const ggufArchitectures = ["llama", "qwen3", "qwen3moe"];

const configSchema = z.object({ architectures: z.array(z.string()).min(1) });

/** Throws a `LocalEngineError` `bad-base-model` unless `folder` holds a model in safetensors that the engine can train. */
export async function checkModelFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw bad(folder, `cannot be read: ${(error as Error).message}`, error);
  });
  for (const name of ["config.json", "tokenizer.json"])
    if (!names.includes(name))
      throw bad(
        folder,
        `holds no ${name}. Give a Hugging Face folder with config.json, tokenizer.json and safetensors`,
      );
  if (!names.some((name) => name.endsWith(".safetensors")))
    throw bad(folder, "holds no .safetensors file. Save the model with save_pretrained");
  checkArchitecture(await readFile(join(folder, "config.json"), "utf8"), join(folder, "config.json"));
}

/** Throws a `LocalEngineError` `bad-base-model` unless a config.json names an architecture that the engine knows. */
export function checkArchitecture(text: string, where: string): void {
  const found = parseArchitectures(text, where);
  if (found.some((name) => architectures.includes(name))) return;
  throw bad(where, `the architecture is ${found.join(", ")}, expected one of ${architectures.join(", ")}`);
}

function parseArchitectures(text: string, where: string): string[] {
  try {
    return configSchema.parse(JSON.parse(text)).architectures;
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw bad(where, `is no model configuration: ${problem}`, error);
  }
}

function bad(where: string, problem: string, cause?: unknown): LocalEngineError {
  return new LocalEngineError("bad-base-model", `${where}: ${problem}`, { cause });
}
