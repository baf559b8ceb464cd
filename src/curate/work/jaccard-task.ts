import { type Compared, comparedParts } from "../near/pair-texts.ts";
import { HashList } from "../text/hash-list.ts";
import { jaccard } from "../text/jaccard.ts";
import { Shingler } from "../text/shingles.ts";
import type { Task } from "./task.ts";

/** The texts of two rows each: `messages` and `messages2`, and so on. */
export interface JaccardBatch {
  messages: string[];
  chosen: string[];
  rejected: string[];
  messages2: string[];
  chosen2: string[];
  rejected2: string[];
}

/** True Jaccard similarities of pairs of rows; of several parts the smallest. */
export const jaccardTask: Task<{ of: Compared; words: number }, JaccardBatch, { similarity: Float64Array }> = {
  name: "jaccard",
  open({ of, words }) {
    const shingler = new Shingler(words);
    const [left, right] = [new HashList(), new HashList()];
    return (batch) => {
      const similarity = new Float64Array(batch.messages.length);
      for (let at = 0; at < similarity.length; at++) {
        const { messages, chosen, rejected, messages2, chosen2, rejected2 } = batch;
        const first = comparedParts(of, messages[at]!, chosen[at]!, rejected[at]!);
        const second = comparedParts(of, messages2[at]!, chosen2[at]!, rejected2[at]!);
        const similarities = first.map((texts, part) =>
          texts.join() === second[part]!.join()
            ? 1
            : jaccard(shingler.shingle(texts, left), shingler.shingle(second[part]!, right)),
        );
        similarity[at] = Math.min(...similarities);
      }
      return { similarity };
    };
  },
};
