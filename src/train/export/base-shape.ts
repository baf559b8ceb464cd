import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../../core/errors.ts";
import { readGgufInfo } from "../../engines/models/gguf-info.ts";

/** What a GGUF adapter must know of its base model. */
export interface BaseShape {
  /** `general.architecture` of the base in GGUF. */
  architecture: "llama" | "qwen3";
  /** Attention heads of queries, and of keys and values. */
  heads: number;
  keyValueHeads: number;
}

const architectures: Record<string, BaseShape["architecture"]> = { llama: "llama", qwen3: "qwen3" };

const configSchema = z.object({
  model_type: z.string(),
  num_attention_heads: z.int().positive(),
  num_key_value_heads: z.int().positive().nullish(),
});

/** Reads the shape of a base model from its folder's config.json, or from a GGUF file. Throws an `InputError` for other families. */
export async function readBaseShape(path: string): Promise<BaseShape> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() === true;
  return isFolder ? readFolder(join(path, "config.json")) : readGguf(path);
}

async function readFolder(file: string): Promise<BaseShape> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new InputError(error.code === "ENOENT" ? "no such file" : `cannot be read: ${error.message}`, { file });
  });
  try {
    const config = configSchema.parse(JSON.parse(text));
    const { model_type: family, num_attention_heads: heads, num_key_value_heads: keyValueHeads } = config;
    return { architecture: architectureOf(family, file), heads, keyValueHeads: keyValueHeads ?? heads };
  } catch (error) {
    if (error instanceof InputError) throw error;
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new InputError(`is no model configuration: ${problem}`, { file });
  }
}

async function readGguf(file: string): Promise<BaseShape> {
  const { architecture, heads, keyValueHeads } = await readGgufInfo(file);
  const known = architectureOf(architecture, file);
  if (heads === undefined) throw new InputError("does not say how many attention heads it has", { file });
  return { architecture: known, heads, keyValueHeads: keyValueHeads ?? heads };
}

function architectureOf(family: string, file: string): BaseShape["architecture"] {
  const found = architectures[family];
  if (found === undefined)
    throw new InputError(
      `the model is of the family ${family}; GGUF adapters can be made for ${Object.keys(architectures).join(" and ")} (or use --format peft)`,
      { file },
    );
  return found;
}
