import { z } from "zod";
import { nearLeaders } from "../near/near-leaders.ts";
import type { Stage } from "./stage.ts";

const settings = z.strictObject({
  /** What is compared: the prompts, or prompts and both responses. */
  of: z.enum(["pair", "prompt"]).default("pair"),
  /** Smallest Jaccard similarity of two rows that count as nearly the same. */
  threshold: z.number().min(0.3).max(1).default(0.8),
  /** Words of the runs that rows are compared by. */
  words: z.int().min(1).max(20).default(3),
  /** How many rows of those that are nearly the same stay: the first ones. */
  keep: z.int().min(1).default(1),
});

/** Rows that share most runs of words with an earlier row that stays. */
export const nearDuplicates: Stage<z.infer<typeof settings>> = {
  name: "near-duplicates",
  summary: "rows that share most of their words with an earlier one",
  settings,
  async run({ rows, pool, drop, progress, signal }, { of, threshold, words, keep }) {
    const found = await nearLeaders(rows, pool, { of, threshold, words }, { signal, progress });
    const { numbers, leaders, similarities } = found;
    const kept = new Map<number, number>();
    for (let row = 0; row < numbers.length; row++) {
      const leader = leaders[row]!;
      if (leader === row) continue;
      const before = kept.get(leader) ?? 1;
      if (before < keep) kept.set(leader, before + 1);
      else
        drop({
          n: numbers[row]!,
          reason: `${of} nearly the same as an earlier one`,
          detail: `Jaccard ${similarities[row]!.toFixed(2)}`,
          other: numbers[leader]!,
        });
    }
  },
};
