import { seededRandom } from "../../../core/random.ts";
import type { Tokenizer } from "../step.ts";

/** Token ids of the toy vocabulary that tests name. Ids 2 to 257 are the 256 bytes. */
export const endToken = 0;
export const specialToken = 1;
const firstByte = 2;

const pieces = [
  ..."abcdexyz0123456789 .,:-\n{}[]",
  ...["ab", "abc", "bc", " a", " b", "10", "1.", "1.5", "\n\n", "x.", ". ", "},", "{1", "the", " the"],
];

const textOf = new Map<number, Uint8Array>();
const encoder = new TextEncoder();
for (let byte = 0; byte < 256; byte++) textOf.set(firstByte + byte, Uint8Array.of(byte));
for (const [index, piece] of pieces.entries()) textOf.set(firstByte + 256 + index, encoder.encode(piece));
const idOf = new Map(pieces.map((piece, index) => [piece, firstByte + 256 + index]));
const longest = Math.max(...pieces.map((piece) => piece.length));

export const vocabularySize = firstByte + 256 + pieces.length;

/** Tokens of the bytes of a character that has no token of its own. */
export function byteTokens(text: string): number[] {
  return [...encoder.encode(text)].map((byte) => firstByte + byte);
}

/** Longest match first; what has no token is spelled in bytes; special tokens are never parsed and have no text. */
export const toyTokenizer: Tokenizer = {
  tokenize(text) {
    const tokens: number[] = [];
    for (let position = 0; position < text.length; ) {
      let length = Math.min(longest, text.length - position);
      while (length > 0 && !idOf.has(text.slice(position, position + length))) length--;
      if (length > 0) tokens.push(idOf.get(text.slice(position, position + length))!);
      else {
        const character = String.fromCodePoint(text.codePointAt(position)!);
        tokens.push(...byteTokens(character));
        length = character.length;
      }
      position += length;
    }
    return tokens;
  },
  detokenize(tokens) {
    const bytes = tokens.flatMap((token) => [...(textOf.get(token) ?? [])]);
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  },
  isEndOfGeneration: (token) => token === endToken,
};

/** Logits of every token after a prefix. */
export type ToyModel = (prefix: readonly number[]) => Float64Array;

/** A model whose logits are random numbers seeded by the whole prefix: any other prefix gives other logits. */
export function hashModel(seed: number, favour: { end?: number; bytes?: number; spread?: number } = {}): ToyModel {
  const spread = favour.spread ?? 8;
  return (prefix) => {
    const random = seededRandom(prefixHash(prefix, seed));
    return Float64Array.from({ length: vocabularySize }, (_, token) => {
      const logit = spread * random();
      if (token === endToken) return logit + (favour.end ?? 0);
      if (token === specialToken) return logit - 2;
      // Bytes are many; without a handicap they would be most of what is sampled.
      return token < firstByte + 256 ? logit + (favour.bytes ?? -4) : logit;
    });
  };
}

/** A model that says the tokens of a script, by how many tokens follow the prompt; the end afterwards. */
export function scriptedModel(promptLength: number, script: number[]): ToyModel {
  return (prefix) => {
    const logits = new Float64Array(vocabularySize);
    logits[script[prefix.length - promptLength] ?? endToken] = 20;
    return logits;
  };
}

export function logProbabilities(logits: Float64Array): Float64Array {
  const largest = logits.reduce((max, logit) => Math.max(max, logit), Number.NEGATIVE_INFINITY);
  const weight = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
  return logits.map((logit) => logit - largest - Math.log(weight));
}

export function argmax(logits: Float64Array): number {
  return logits.reduce((best, logit, token) => (logit > logits[best]! ? token : best), 0);
}

/** Tokens by descending logit. */
export function ranked(logits: Float64Array): number[] {
  return [...logits.keys()].sort((a, b) => logits[b]! - logits[a]!);
}

function prefixHash(prefix: readonly number[], seed: number): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (const token of prefix) hash = Math.imul(hash ^ token, 0x01000193) >>> 0;
  return hash;
}
