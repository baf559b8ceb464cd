import { z } from "zod";
import { HashList } from "../text/hash-list.ts";
import { jaccard } from "../text/jaccard.ts";
import { normaliseText } from "../text/normalise-text.ts";
import { Shingler } from "../text/shingles.ts";
import type { RowFilter } from "./row-filter.ts";

const settings = z.strictObject({
  /** Smallest Jaccard similarity of two responses that are nearly the same. */
  threshold: z.number().min(0.3).max(1).default(0.9),
  /** Words of the runs that they are compared by. */
  words: z.int().min(1).max(20).default(2),
});

/** Pairs with nothing to prefer: both sides say the same in nearly the same words. */
export const similarSides: RowFilter<z.infer<typeof settings>> = {
  name: "similar-sides",
  summary: "pairs whose two responses are nearly the same",
  settings,
  open({ threshold, words }) {
    const shingler = new Shingler(words);
    const [left, right] = [new HashList(), new HashList()];
    return ({ chosen, rejected }) => {
      if (normaliseText(chosen) === normaliseText(rejected))
        return { reason: "responses are the same when normalised" };
      const similarity = jaccard(shingler.shingle([chosen], left), shingler.shingle([rejected], right));
      return similarity >= threshold
        ? { reason: "responses are nearly the same", detail: `Jaccard ${similarity.toFixed(2)}` }
        : undefined;
    };
  },
};
