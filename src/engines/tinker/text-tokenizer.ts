import { Tokenizer } from "@huggingface/tokenizers";
import * as z from "zod";
import { InputError } from "../../core/errors.ts";
import type { TokenizerFiles } from "./tokenizer-files.ts";

/** A piece of text: special tokens count as such only in a template's own. */
export interface TextPiece {
  kind: "template" | "content";
  text: string;
}

/** A model's tokens of text, and text of tokens. */
export interface TextTokenizer {
  /**
   * Tokens of pieces that follow one another, as if they were one text: what is no special token is cut into tokens across
   * the pieces' borders.
   */
  encode(pieces: TextPiece[]): number[];
  /** Text of tokens, without special ones and such as the model has no text for. An unfinished character is U+FFFD. */
  decode(tokens: Iterable<number>): string;
  /** Id of a special token. */
  specialId(text: string): number | undefined;
  /** The first special token of a text, with its offset. */
  findSpecial(text: string): { text: string; index: number } | undefined;
}

interface SpecialToken {
  id: number;
  content: string;
  lstrip?: boolean;
  rstrip?: boolean;
}

const jsonAdded = z.array(
  z.looseObject({
    id: z.int(),
    content: z.string(),
    special: z.boolean().optional(),
    lstrip: z.boolean().optional(),
    rstrip: z.boolean().optional(),
  }),
);

/** Loads a byte-level tokenizer. Throws an `InputError` for one of another kind, and for files that are not one. */
export function loadTextTokenizer(files: TokenizerFiles): TextTokenizer {
  const added = jsonAdded.parse(files.tokenizer.added_tokens ?? []);
  const specials = new Map(added.filter(({ special }) => special).map((token) => [token.content, token]));
  const ids = new Set([...specials.values()].map(({ id }) => id));
  // Without its special tokens it cannot find any in a text.
  const plain = loadPlain(
    {
      ...files.tokenizer,
      pre_tokenizer: withUnicodeDigits(files.tokenizer.pre_tokenizer),
      added_tokens: added.filter(({ special }) => !special),
    },
    { ...files.config, clean_up_tokenization_spaces: false },
    files.folder,
  );
  const longestFirst = [...specials.keys()].sort((a, b) => b.length - a.length).map(escapePattern);
  const anySpecial = longestFirst.length === 0 ? /(?!)/ : new RegExp(`(${longestFirst.join("|")})`);
  return {
    encode: (pieces) => {
      const parts = splitSpecials(pieces, specials, anySpecial);
      return parts.flatMap((part, index) => {
        if (typeof part !== "string") return [part.id];
        let text = part;
        if ((parts[index - 1] as SpecialToken | undefined)?.rstrip) text = text.trimStart();
        if ((parts[index + 1] as SpecialToken | undefined)?.lstrip) text = text.trimEnd();
        return text === "" ? [] : plain.encode(text, { add_special_tokens: false }).ids;
      });
    },
    decode: (tokens) => {
      const known = [...tokens].filter((id) => !ids.has(id) && plain.id_to_token(id) !== undefined);
      return known.length === 0 ? "" : plain.decode(known, { skip_special_tokens: false });
    },
    specialId: (text) => specials.get(text)?.id,
    findSpecial: (text) => {
      const match = anySpecial.exec(text);
      return match === null ? undefined : { text: match[0], index: match.index };
    },
  };
}

function loadPlain(tokenizer: Record<string, unknown>, config: object, folder: string): Tokenizer {
  let plain: Tokenizer;
  try {
    plain = new Tokenizer(tokenizer, config);
  } catch (error) {
    throw new InputError(`holds no tokenizer that can be used: ${(error as Error).message}`, { file: folder });
  }
  // Others (SentencePiece) put a space before a text, which here continues another.
  if (!isByteLevel(tokenizer.pre_tokenizer) || plain.tokenize("a").join() !== "a") {
    throw new InputError("has a tokenizer that is not byte-level (as those of Llama 3, Qwen and SmolLM are)", {
      file: folder,
    });
  }
  return plain;
}

function isByteLevel(preTokenizer: unknown): boolean {
  const { type, pretokenizers } = (preTokenizer ?? {}) as Record<string, unknown>;
  return type === "ByteLevel" || (Array.isArray(pretokenizers) && pretokenizers.some(isByteLevel));
}

/**
 * A pre-tokeniser that cuts off digits does so with those of every script; the library's knows 0 to 9 only, so it is told
 * by a pattern.
 */
function withUnicodeDigits(preTokenizer: unknown): unknown {
  const { type, pretokenizers, individual_digits } = (preTokenizer ?? {}) as Record<string, unknown>;
  if (Array.isArray(pretokenizers)) {
    return { ...(preTokenizer as object), pretokenizers: pretokenizers.map(withUnicodeDigits) };
  }
  if (type !== "Digits") return preTokenizer;
  const pattern = { Regex: individual_digits === true ? "\\p{N}" : "\\p{N}+" };
  return { type: "Split", pattern, behavior: "Isolated", invert: false };
}

/** Special tokens of the templates' texts, and the texts between them, over the pieces' borders. */
function splitSpecials(
  pieces: TextPiece[],
  specials: Map<string, SpecialToken>,
  any: RegExp,
): (SpecialToken | string)[] {
  const parts: (SpecialToken | string)[] = [];
  for (const { kind, text } of pieces) {
    for (const part of kind === "template" ? text.split(any) : [text]) {
      const special = kind === "template" ? specials.get(part) : undefined;
      const last = parts.at(-1);
      if (special !== undefined) parts.push(special);
      else if (typeof last === "string") parts[parts.length - 1] = last + part;
      else if (part !== "") parts.push(part);
    }
  }
  return parts;
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
