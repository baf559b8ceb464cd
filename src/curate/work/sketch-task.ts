import { type Banding, bandKeys } from "../near/bands.ts";
import { bins, clearBins, fillBins, finishSignature } from "../near/min-hash.ts";
import { type Compared, comparedParts } from "../near/pair-texts.ts";
import { HashList } from "../text/hash-list.ts";
import { Shingler } from "../text/shingles.ts";
import type { Task, TextBatch } from "./task.ts";

export interface SketchParams extends Banding {
  of: Compared;
  /** Words of a shingle. */
  words: number;
}

export interface Sketches {
  /** Keys of the bands, [row][band]. */
  keys: Uint32Array;
  /** The last byte of every bin, [row][bin], enough to estimate a similarity: of pairs half of them the prompt's, half the responses'. */
  bytes: Uint8Array;
  /** 0 for a row without words, which is like no other. */
  filled: Uint8Array;
}

/** MinHash signatures of a batch, as what is needed to find and to sift candidates. */
export const sketchTask: Task<SketchParams, TextBatch, Sketches> = {
  name: "sketch",
  open({ of, words, bands, rows }) {
    const shingler = new Shingler(words);
    const shingles = new HashList();
    const [own, all] = [new Uint32Array(bins), new Uint32Array(bins)];
    return ({ messages, chosen, rejected }) => {
      const count = messages.length;
      const keys = new Uint32Array(count * bands);
      const bytes = new Uint8Array(count * bins);
      const filled = new Uint8Array(count);
      for (let row = 0; row < count; row++) {
        const parts = comparedParts(of, messages[row]!, chosen[row]!, rejected[row]!);
        const share = bins / parts.length;
        clearBins(all);
        for (const [part, texts] of parts.entries()) {
          clearBins(own);
          fillBins(shingler.shingle(texts, shingles), own);
          // The smallest of both parts is the smallest of all.
          for (let bin = 0; bin < bins; bin++) if (own[bin]! < all[bin]!) all[bin] = own[bin]!;
          if (!finishSignature(own, share)) continue;
          const start = row * bins + part * share;
          for (let bin = 0; bin < share; bin++) bytes[start + bin] = own[bin]!;
        }
        if (!finishSignature(all)) continue;
        filled[row] = 1;
        bandKeys(all, { bands, rows }, keys, row * bands);
      }
      return { keys, bytes, filled };
    };
  },
};
