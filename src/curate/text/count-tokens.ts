import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { InputError } from "../../core/errors.ts";

/** How lengths in tokens are counted: by a model's tokenizer (its folder or tokenizer.json), or characters over four. */
export type TokenCounting = { kind: "characters" } | { kind: "tokenizer"; path: string };

/** Counts a text's tokens, without any that a chat template would add. */
export type CountTokens = (text: string) => number;

/** Characters that a token of English has on average. */
const charactersPerToken = 4;

/** Opens a counter. Throws `InputError` for a tokenizer that cannot be read. */
export async function openTokenCounter(counting: TokenCounting): Promise<CountTokens> {
  if (counting.kind === "characters") return (text) => Math.ceil(text.length / charactersPerToken);
  const file = await tokenizerFile(counting.path);
  const config = await readFile(join(dirname(file), "tokenizer_config.json"), "utf8").catch(() => "{}");
  try {
    const tokenizer = new Tokenizer(JSON.parse(await readFile(file, "utf8")), JSON.parse(config));
    return (text) => tokenizer.encode(text, { add_special_tokens: false }).ids.length;
  } catch (error) {
    throw new InputError(`is no tokenizer that can be used: ${(error as Error).message}`, { file });
  }
}

/** The tokenizer.json that a path names, itself or in its folder. */
export async function tokenizerFile(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  const file = found?.isDirectory() ? join(path, "tokenizer.json") : path;
  if ((await stat(file).catch(() => undefined))?.isFile()) return file;
  throw new InputError("there is no tokenizer.json here; name a model's folder or its tokenizer.json", { file: path });
}
