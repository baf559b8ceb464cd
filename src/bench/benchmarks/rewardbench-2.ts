import { z } from "zod";
import { shorten } from "../../data/shorten.ts";
import { benchRows } from "../bench-rows.ts";
import type { Benchmark, ScoredItem } from "../benchmark.ts";
import { buildResult, groupBySubset } from "../build-result.ts";
import { combineAccuracies } from "../combine-accuracies.ts";
import { correctFirst, makeItem } from "../make-item.ts";
import { mean, meanOfAll } from "../mean.ts";
import { pairAccuracyOf } from "../pair-accuracy.ts";
import { identifier, parseRow, rowError } from "../parse-row.ts";
import { tieRules } from "../tie-rules.ts";
import { type TiesPrompt, type TiesScore, tiesScore } from "../ties-score.ts";
import { topShare } from "../top-share.ts";

const subsets = ["Factuality", "Precise IF", "Math", "Safety", "Focus", "Ties"] as const;

const schema = z.object({
  id: identifier,
  prompt: z.string(),
  chosen: z.array(z.string()).min(1),
  rejected: z.array(z.string()).min(1),
  num_correct: z.int(),
  subset: z.enum(subsets),
});

/** A rating that failed enters the Ties formula as this number. */
const failedRating = -1;

/** RewardBench 2: one right answer among four, and prompts with several right answers (Ties). */
export const rewardbench2: Benchmark = {
  name: "rewardbench-2",
  title: "RewardBench 2",
  order: "[chosen..., rejected...]",
  source: {
    url: "https://huggingface.co/datasets/allenai/reward-bench-2",
    license: "ODC-BY",
    sets: [
      {
        host: "hub",
        repo: "allenai/reward-bench-2",
        revision: "7ff08853b0d5686e79b13fda8677024f566a104a",
        files: [
          {
            path: "data/test-00000-of-00001.parquet",
            sha256: "c8ec60efbd75d2f9dcba4121e6101f7a6015abc38a34e034ae2c7ae886265958",
          },
        ],
      },
    ],
  },
  scoreLists: true,

  async *load(path, { signal } = {}) {
    for await (const row of benchRows(path, { signal })) {
      const { id, prompt, chosen, rejected, num_correct, subset } = parseRow(schema, row);
      if (num_correct !== chosen.length)
        throw rowError(row, "num_correct", `expected ${chosen.length}, as many as "chosen" holds, got ${num_correct}`);
      const ties = subset === "Ties";
      const partner = /^(ref|tied):(.+)$/.exec(id);
      if (ties && partner === null)
        throw rowError(row, "id", `expected ref:<number> or tied:<number> in the subset Ties, got ${shorten(id)}`);
      if (!ties && num_correct !== 1)
        throw rowError(row, "num_correct", `expected 1 in the subset ${subset}, got ${num_correct}`);
      yield makeItem(row, {
        subset,
        ...(ties && { cluster: `Ties:${partner![2]}` }),
        query: prompt,
        responses: [...chosen, ...rejected],
        ...correctFirst(chosen.length, rejected.length),
        label: { id, correct: num_correct },
      });
    }
  },

  score(items) {
    const groups = groupBySubset(items);
    const ties = scoreTies(groups.get("Ties") ?? []);
    const scoreOf = (members: ScoredItem[]) =>
      members[0]?.item.subset === "Ties"
        ? scoreTies(members).score
        : mean(members.map(({ scores }) => topShare(scores)));
    const sections = subsets.map((name) => ({
      name: name as string,
      value: name === "Ties" ? ties.score : scoreOf(groups.get(name) ?? []),
      items: groups.get(name)?.length ?? 0,
      ...pairAccuracyOf(groups.get(name) ?? []),
      tieRule: ruleOf(name),
    }));
    const overall = meanOfAll(sections.map(({ value }) => value));
    const tieRule = `${tieRules.share}; Ties: its formula`;
    return buildResult("rewardbench-2", items, {
      headline: { name: "mean of the six subsets", value: overall, tieRule },
      sections: [
        ...sections,
        { name: "average", value: overall, items: items.length, ...combineAccuracies(sections, meanOfAll), tieRule },
      ],
      subsetValue: scoreOf,
      subsetTieRule: ruleOf,
      unscoredRule: `out of the running in the five normal subsets (1/4 where all four are unscored); ${failedRating} in Ties`,
      details: { ties },
    });
  },
};

const tiesRule = "strict between correct and wrong responses; equal scores of correct ones are what is asked for";

function ruleOf(subset: string): string {
  return subset === "Ties" ? tiesRule : tieRules.share;
}

function scoreTies(items: ScoredItem[]): TiesScore {
  return tiesScore(items.map(tiesPrompt));
}

function tiesPrompt({ item, scores }: ScoredItem): TiesPrompt {
  const { id, correct } = item.label as { id: string; correct: number };
  const kind = id.slice(0, id.indexOf(":")) as TiesPrompt["kind"];
  // By cluster where there is one: a bootstrap gives partners that are drawn twice another cluster the second time.
  const number = item.cluster ?? id.slice(id.indexOf(":") + 1);
  const numbers = scores.map((score) => score ?? failedRating);
  return { kind, number, correct: numbers.slice(0, correct), wrong: numbers.slice(correct) };
}
