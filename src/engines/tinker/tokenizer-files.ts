import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { InputError } from "../../core/errors.ts";
import { stableHash } from "../../core/hash.ts";

/** What a model's folder says about its tokens. */
export interface TokenizerFiles {
  folder: string;
  /** `tokenizer.json`. */
  tokenizer: Record<string, unknown>;
  /** `tokenizer_config.json`; empty where there is none. */
  config: Record<string, unknown>;
  chatTemplate: string | undefined;
  bosToken: string | undefined;
  eosToken: string | undefined;
  /** Most tokens of prompt and answer together (`config.json`), where the folder says it. */
  contextTokens: number | undefined;
  /** Changes where tokens or the template do. */
  hash: string;
}

/** A special token is written as its text, or as an object with its settings. */
const jsonToken = z.union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)]);
const jsonConfig = z.looseObject({
  bos_token: jsonToken.nullish(),
  eos_token: jsonToken.nullish(),
  chat_template: z
    .union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))])
    .nullish()
    .transform((value) => (Array.isArray(value) ? value.find(({ name }) => name === "default")?.template : value)),
});
const jsonModel = z.object({ max_position_embeddings: z.int().nullish() });

/**
 * Reads `tokenizer.json`, `tokenizer_config.json`, `chat_template.jinja` and `config.json` of a model's folder. Throws an
 * `InputError` that names the file where the first is missing or one is not what it must be.
 */
export async function readTokenizerFiles(folder: string): Promise<TokenizerFiles> {
  const tokenizerText = await readText(folder, "tokenizer.json");
  if (tokenizerText === undefined) {
    throw new InputError("is not there: give the model's folder, which also holds tokenizer_config.json", {
      file: join(folder, "tokenizer.json"),
    });
  }
  const [configText, templateText, modelText] = await Promise.all(
    ["tokenizer_config.json", "chat_template.jinja", "config.json"].map((name) => readText(folder, name)),
  );
  const tokenizer = parse(folder, "tokenizer.json", tokenizerText, z.record(z.string(), z.unknown()));
  const config = parse(folder, "tokenizer_config.json", configText ?? "{}", jsonConfig);
  const model = parse(folder, "config.json", modelText ?? "{}", jsonModel);
  const chatTemplate = templateText ?? config.chat_template ?? undefined;
  return {
    ...{ folder, tokenizer, config, chatTemplate },
    bosToken: config.bos_token ?? undefined,
    eosToken: config.eos_token ?? undefined,
    contextTokens: model.max_position_embeddings ?? undefined,
    hash: stableHash([tokenizerText, chatTemplate, config.bos_token, config.eos_token]),
  };
}

async function readText(folder: string, name: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, name), "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw new InputError(`cannot be read: ${(error as Error).message}`, { file: join(folder, name) });
  }
}

function parse<T>(folder: string, name: string, text: string, schema: z.ZodType<T>): T {
  const file = join(folder, name);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(`is not JSON: ${(error as Error).message}`, { file });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new InputError(message, { file, field: path.join(".") });
}
