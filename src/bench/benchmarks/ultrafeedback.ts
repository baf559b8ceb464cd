import { z } from "zod";
import { attributeOf } from "../attribute-option.ts";
import { benchRows } from "../bench-rows.ts";
import type { Benchmark } from "../benchmark.ts";
import { mean } from "../mean.ts";
import { pairResult } from "../pair-result.ts";
import { parseRow } from "../parse-row.ts";
import { pairRule, ratedItem } from "../rated-item.ts";

const aspects = ["instruction_following", "honesty", "truthfulness", "helpfulness"] as const;

/** Ratings are written as text, and as `N/A` where there is none. */
const rating = z
  .union([z.enum(["1", "2", "3", "4", "5", "N/A"]), z.int().min(1).max(5)], {
    error: "expected a rating 1 to 5 or N/A",
  })
  .transform((value) => (value === "N/A" ? null : Number(value)));
const annotation = z.object({ Rating: rating });
const completion = z.object({
  response: z.string(),
  annotations: z.object({
    instruction_following: annotation,
    honesty: annotation,
    truthfulness: annotation,
    helpfulness: annotation,
  }),
  overall_score: z.number().nullish(),
});
const schema = z.object({ instruction: z.string(), source: z.string(), completions: z.array(completion) });

const attributes = { names: ["mean", ...aspects, "overall"], default: "mean" } as const;

/** UltraFeedback: four responses per prompt with ratings 1-5 of four aspects and an overall score. */
export const ultrafeedback: Benchmark = {
  name: "ultrafeedback",
  title: "UltraFeedback",
  order: "completions in their order, without those that have no rating",
  source: {
    url: "https://huggingface.co/datasets/openbmb/UltraFeedback",
    license: "MIT",
    sets: [
      {
        host: "hub",
        repo: "openbmb/UltraFeedback",
        revision: "40b436560ca83a8dba36114c22ab3c66e43f6d5e",
        files: ["evol_instruct", "false_qa", "flan", "sharegpt", "truthful_qa", "ultrachat"].map((name) => ({
          path: `${name}.jsonl`,
        })),
      },
    ],
  },
  attributes,

  async *load(path, options = {}) {
    const attribute = attributeOf(attributes, options);
    for await (const row of benchRows(path, { signal: options.signal })) {
      const { instruction, source, completions } = parseRow(schema, row);
      const responses = completions.map((one) => ({ text: one.response, rating: ratingOf(one, attribute) }));
      const item = ratedItem(row.key, { subset: source, query: instruction, responses, attribute }, options);
      if (item !== undefined) yield item;
    }
  },

  score: (items) => pairResult("ultrafeedback", items, pairRule(items[0]?.item.label)),
};

/** The attribute of a response; the mean only where all four aspects are rated. */
function ratingOf({ annotations, overall_score }: z.output<typeof completion>, attribute: string): number | null {
  if (attribute === "overall") return overall_score ?? null;
  const ratings = aspects.map((aspect) => annotations[aspect].Rating);
  if (attribute !== "mean") return annotations[attribute as (typeof aspects)[number]].Rating;
  return ratings.includes(null) ? null : mean(ratings as number[]);
}
