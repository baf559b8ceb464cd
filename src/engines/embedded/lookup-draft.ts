/**
 * Guesses the next tokens by finding the last `pattern` tokens earlier in the sequence and copying what followed
 * (prompt lookup decoding, Saxena 2023). Evaluations repeat words of the criteria and of the response. Guessing wrong
 * costs compute but never changes the text.
 */
export class LookupDraft {
  readonly #tokens: number[];
  readonly #pattern: number;
  readonly #length: number;
  /** End positions of every `pattern`-gram seen. */
  readonly #positions = new Map<string, number>();

  constructor(tokens: readonly number[], options: { pattern?: number; length?: number } = {}) {
    this.#pattern = options.pattern ?? 3;
    this.#length = options.length ?? 3;
    this.#tokens = [];
    this.push(tokens);
  }

  push(tokens: readonly number[]): void {
    for (const token of tokens) {
      const end = this.#tokens.length;
      // A pattern is entered only when what follows it is known, so that a lookup never finds itself.
      if (end >= this.#pattern) this.#positions.set(this.#tokens.slice(end - this.#pattern).join(), end);
      this.#tokens.push(token);
    }
  }

  /** Up to `length` tokens that may follow; empty where the end of the sequence was never seen before. */
  draft(): number[] {
    const end = this.#positions.get(this.#tokens.slice(-this.#pattern).join());
    return end === undefined ? [] : this.#tokens.slice(end, end + this.#length);
  }
}
