import { type Compared, comparedParts } from "../near/pair-texts.ts";
import type { RowTexts } from "../rows/text-file.ts";
import { HashList } from "../text/hash-list.ts";
import { jaccard } from "../text/jaccard.ts";
import { Shingler } from "../text/shingles.ts";
import type { Task, TextBatch2 } from "./task.ts";

/** True Jaccard similarities of pairs of rows; of several parts the smallest. */
export const jaccardTask: Task<{ of: Compared; words: number }, TextBatch2, { similarity: Float64Array }> = {
  name: "jaccard",
  open({ of, words }) {
    const shingler = new Shingler(words);
    const [left, right] = [new HashList(), new HashList()];
    const partsOf = ({ messages, chosen, rejected }: RowTexts, at: number) =>
      comparedParts(of, messages[at]!, chosen[at]!, rejected[at]!);
    return ({ n, first, second }) => {
      const similarity = new Float64Array(n.length);
      for (let at = 0; at < n.length; at++) {
        const [a, b] = [partsOf(first, at), partsOf(second, at)];
        const similarities = a.map((texts, part) =>
          texts.join("\n") === b[part]!.join("\n")
            ? 1
            : jaccard(shingler.shingle(texts, left), shingler.shingle(b[part]!, right)),
        );
        similarity[at] = Math.min(...similarities);
      }
      return { similarity };
    };
  },
};
