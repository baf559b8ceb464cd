import { HashList } from "./hash-list.ts";
import { hashNgrams } from "./hash-ngrams.ts";
import { hashWords } from "./hash-words.ts";

/** Makes lists of shingles: all runs of `size` words of the texts; of a shorter text, the whole of it. */
export class Shingler {
  readonly #size: number;
  readonly #words = new HashList();

  constructor(size: number) {
    this.#size = size;
  }

  /** The shingles of several texts one after the other, repetitions included. Overwrites `into`. */
  shingle(texts: readonly string[], into: HashList): HashList {
    const words = this.#words;
    into.length = 0;
    for (const text of texts) {
      words.length = 0;
      hashWords(text, words);
      hashNgrams(words, Math.max(1, Math.min(this.#size, words.length)), into);
    }
    return into;
  }
}
