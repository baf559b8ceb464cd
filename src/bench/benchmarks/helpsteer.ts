import { z } from "zod";
import { attributeOf } from "../attribute-option.ts";
import { type BenchRow, benchRows } from "../bench-rows.ts";
import type { Benchmark } from "../benchmark.ts";
import { pairResult } from "../pair-result.ts";
import { parseRow } from "../parse-row.ts";
import { pairRule, type RatedResponse, ratedItem } from "../rated-item.ts";

const rating = z.number().min(0).max(4);
const schema = z.object({
  prompt: z.string(),
  response: z.string(),
  helpfulness: rating,
  correctness: rating,
  coherence: rating,
  complexity: rating,
  verbosity: rating,
});
const attributes = {
  names: ["helpfulness", "correctness", "coherence", "complexity", "verbosity"],
  default: "helpfulness",
} as const;

/** HelpSteer: a row per response with five ratings 0-4. Rows of one prompt, which follow one another, are one item. */
export const helpsteer: Benchmark = {
  name: "helpsteer",
  title: "HelpSteer",
  order: "rows of one prompt, in their order",
  source: {
    url: "https://huggingface.co/datasets/nvidia/HelpSteer2",
    license: "CC-BY-4.0",
    sets: [
      {
        host: "hub",
        repo: "nvidia/HelpSteer2",
        revision: "990b2711a36180dd19d9c94b8627844866f8982a",
        files: [{ path: "validation.jsonl.gz" }],
      },
    ],
  },
  attributes,

  async *load(path, options = {}) {
    const attribute = attributeOf(attributes, options) as (typeof attributes.names)[number];
    let open: { row: BenchRow; query: string; responses: RatedResponse[] } | undefined;
    const close = () =>
      open === undefined
        ? undefined
        : ratedItem(
            open.row.key,
            { subset: open.row.file, query: open.query, responses: open.responses, attribute },
            options,
          );
    for await (const row of benchRows(path, { signal: options.signal })) {
      const { prompt, response, ...ratings } = parseRow(schema, row);
      if (open?.row.file !== row.file || open.query !== prompt) {
        const item = close();
        if (item !== undefined) yield item;
        open = { row, query: prompt, responses: [] };
      }
      open.responses.push({ text: response, rating: ratings[attribute] });
    }
    const item = close();
    if (item !== undefined) yield item;
  },

  score: (items) => pairResult("helpsteer", items, pairRule(items[0]?.item.label)),
};
