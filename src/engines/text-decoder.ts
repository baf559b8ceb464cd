import type { Tokenizer } from "./embedded/step.ts";

/**
 * Turns tokens into text as they come. A character may be spread over several tokens; text is given out only when it is
 * whole, so `text` never ends in half a character.
 */
export class TokenTextDecoder {
  text = "";
  readonly tokens: number[] = [];
  /** `ends[i]` is the length of `text` once token i was decoded (tokens of an unfinished character repeat the last). */
  readonly ends: number[] = [];
  /** `whole[i]`: no character is unfinished after token i. */
  readonly whole: boolean[] = [];
  readonly #tokenizer: Pick<Tokenizer, "detokenize">;
  #preceding: number[];
  #pending: number[] = [];

  constructor(tokenizer: Pick<Tokenizer, "detokenize">, preceding: number[] = []) {
    this.#tokenizer = tokenizer;
    this.#preceding = preceding.slice(-8);
  }

  push(token: number): void {
    this.tokens.push(token);
    this.#pending.push(token);
    const piece = this.#tokenizer.detokenize(this.#pending, this.#preceding);
    // Four bytes are the longest character; more pending tokens than that means the bytes are simply not UTF-8.
    if (!piece.endsWith("\uFFFD") || this.#pending.length > 4) {
      this.text += piece;
      this.#preceding = [...this.#preceding, ...this.#pending].slice(-8);
      this.#pending = [];
    }
    this.ends.push(this.text.length);
    this.whole.push(this.#pending.length === 0);
  }

  /** How many of the first `count` tokens make up the beginning of the first `length` units of text, and nothing else. */
  wholeTokens(length: number, count: number): number {
    for (let index = Math.min(count, this.tokens.length) - 1; index >= 0; index--)
      if (this.whole[index]! && this.ends[index]! <= length) return index + 1;
    return 0;
  }
}
