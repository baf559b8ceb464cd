import { z } from "zod";
import { queryFromText } from "../../../core/query.ts";
import { chooseCriteria, type RawCriterion } from "../choose-criteria.ts";
import { writeExample } from "../write-answers.ts";
import { readRecords } from "./read-records.ts";
import { type RecordSource, skipped } from "./record-source.ts";

const criterion = z.object({ name: z.string(), criteria_description: z.string() });
const list = z.array(criterion).min(1);
const record = z
  .object({ query: z.string().min(1), criteria: list.optional(), checklist: list.optional() })
  .refine(({ criteria, checklist }) => criteria !== undefined || checklist !== undefined, {
    error: "expected criteria or checklist",
  });

/**
 * WritingBench: writing tasks with five criteria each, written by a language model from the query alone. Turn 1.
 *
 * * Term: the criterion's name, underscores as spaces, in sentence case (words of capitals stay).
 * * Description: its description without "Evaluates", "Assesses" and the like, so that "Evaluates how well the response
 *   follows the outline" becomes "How well the response follows the outline".
 * * Order: the record's. The bands of scores are not used.
 */
export const writingBench: RecordSource = {
  name: "writingbench",
  licence: "Apache-2.0",
  origin: "X-PLUG/WritingBench",
  files: ["length_subset.jsonl.gz", "v1.format_subset.jsonl.gz", "v1.style_subset.jsonl.gz"].map(
    (file) => `writingbench/${file}`,
  ),
  teaches: "criteria",
  async *convert(file, options) {
    for await (const { id, row } of readRecords(file, record, options)) {
      const query = queryFromText(row.query);
      const chosen = chooseCriteria((row.criteria ?? row.checklist!).map(rawCriterion), query, options);
      const example =
        chosen && writeExample(options.pack, { id, source: "writingbench", query, criteria: chosen.criteria });
      yield example === undefined ? skipped(id, "too few criteria fit the pack") : { ok: true, example };
    }
  },
};

function rawCriterion({ name, criteria_description: text }: z.infer<typeof criterion>): RawCriterion {
  const words = name
    .replace(/[_\s]+/g, " ")
    .trim()
    .split(" ");
  const lower = words.map((word) => (/^\p{Lu}[\p{Ll}'\u2019-]*$/u.test(word) ? word.toLowerCase() : word)).join(" ");
  const bare = text
    .trim()
    .replace(
      /^(?:evaluates?|assess(?:es)?|measures?|examines?|judges?|checks?|anal[yz]es?|considers?|determines?)\s+/i,
      "",
    );
  return { term: capitalised(lower), statement: capitalised(bare) };
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
