import { z } from "zod";
import { rocAuc } from "../../core/statistics/roc-auc.ts";
import { shorten } from "../../data/shorten.ts";
import { type BenchRow, benchRows } from "../bench-rows.ts";
import type { BenchItem, Benchmark, ScoredItem } from "../benchmark.ts";
import { allAmong, bestOfKCurve } from "../best-of-k.ts";
import { buildResult, groupBySubset } from "../build-result.ts";
import { combineAccuracies } from "../combine-accuracies.ts";
import { makeItem } from "../make-item.ts";
import { mean, meanOfAll } from "../mean.ts";
import { pairAccuracyOf } from "../pair-accuracy.ts";
import { identifier, parseRow, rowError } from "../parse-row.ts";
import { tieRules } from "../tie-rules.ts";

const schema = z.object({
  question_id: identifier,
  model_name: z.string(),
  prompt: z.string(),
  scores: z.array(z.boolean()).min(2),
  sampled_conflict_pairs: z.array(z.array(z.int().nonnegative()).length(2)),
});

/** The five sets, by what their file or folder is called. */
const sets: Record<string, RegExp> = {
  "MMLU-Pro": /mmlu[-_ ]?pro/i,
  MATH: /(^|[^a-z])math([^a-z]|$)/i,
  GPQA: /gpqa/i,
  IFEval: /ifeval/i,
  "MBPP-Plus": /mbpp/i,
};

/** PPE Correctness: 32 answers of one model per prompt, right or wrong. */
export const ppe: Benchmark = {
  name: "ppe",
  title: "PPE Correctness",
  order: "[response_1 ... response_32]",
  source: {
    url: "https://github.com/lmarena/PPE",
    license: "see the data sets' pages",
    sets: ["MMLU-Pro", "MATH", "GPQA", "IFEval", "MBPP-Plus"].map((name) => ({
      host: "hub",
      repo: `lmarena-ai/PPE-${name}-Best-of-K`,
      revision: "main",
      files: [{ path: "data/train-00000-of-00001.parquet" }],
    })),
  },

  async *load(path, { signal } = {}) {
    for await (const row of benchRows(path, { signal })) {
      const { question_id, model_name, prompt, scores, sampled_conflict_pairs } = parseRow(schema, row);
      const { pairs, duplicates } = orientPairs(row, sampled_conflict_pairs as [number, number][], scores);
      yield makeItem(row, {
        subset: setOf(row),
        query: prompt,
        responses: responsesOf(row, scores.length),
        quality: scores.map(Number),
        pairs,
        label: { questionId: question_id, model: model_name, duplicates },
      });
    }
  },

  score(items) {
    const groups = groupBySubset(items);
    const tieRule = tieRules.strict;
    const accuracy = (members: ScoredItem[]) => pairAccuracyOf(members).strict;
    const sections = Object.keys(sets).map((name) => {
      const members = groups.get(name) ?? [];
      const figures = pairAccuracyOf(members);
      return { name, value: figures.strict, items: members.length, ...figures, tieRule };
    });
    const overall = meanOfAll(sections.map(({ value }) => value));
    const bestOfK = Object.fromEntries([...groups].map(([name, members]) => [name, curvesOf(members)]));
    return buildResult("ppe", items, {
      headline: { name: "mean of the five sets' accuracies", value: overall, tieRule },
      sections: [
        ...sections,
        { name: "average", value: overall, items: items.length, ...combineAccuracies(sections, meanOfAll), tieRule },
      ],
      subsetValue: accuracy,
      unscoredRule:
        "a pair with an unscored response is lost; Best-of-K puts unscored responses below all others; ROC-AUC leaves them out",
      tables: [
        {
          name: "BEST OF K",
          tieRule: bestOfKTieRule,
          columns: shownK.map((k) => `K=${k}`),
          rows: Object.entries(bestOfK).map(([name, { curve }]) => ({
            name,
            values: shownK.map((k) => curve[k - 1] ?? null),
          })),
        },
      ],
      details: {
        bestOfK,
        bestOfKTieRule,
        duplicatePairsDropped: items.reduce((sum, { item }) => sum + (item.label.duplicates as number), 0),
      },
    });
  },
};

const bestOfKTieRule =
  "exact expectation over samples without replacement; a tie group shares its probability of holding the pick";

const shownK = [1, 2, 4, 8, 16, 32];

/** Best-of-K of a set: index 0 is K = 1, up to the smallest number of responses. */
function curvesOf(items: ScoredItem[]) {
  const longest = items.reduce((least, { scores }) => Math.min(least, scores.length), Number.POSITIVE_INFINITY);
  const curve = Array<number>(longest).fill(0);
  const loss = Array<number>(longest).fill(0);
  for (const { item, scores } of items) {
    const picked = bestOfKCurve(scores, item.quality, longest);
    const wrong = item.quality.filter((value) => value === 0).length;
    const noneRight = allAmong(scores.length, wrong);
    for (let k = 0; k < longest; k++) {
      curve[k]! += picked[k]! / items.length;
      // With correctness 0 or 1 the squared loss is 1 exactly where the pick is wrong and the sample holds a right one.
      loss[k]! += (1 - picked[k]! - noneRight[k + 1]!) / items.length;
    }
  }
  return { curve, max: Math.max(...curve), end: curve.at(-1)!, loss, meanLoss: mean(loss), rocAuc: aucOf(items) };
}

function aucOf(items: ScoredItem[]): number | null {
  const count = items.reduce((sum, { scores }) => sum + scores.filter((score) => score !== null).length, 0);
  const [scores, right] = [new Float64Array(count), new Uint8Array(count)];
  let at = 0;
  for (const { item, scores: given } of items)
    for (const [index, score] of given.entries()) {
      if (score === null) continue;
      scores[at] = score;
      right[at++] = item.quality[index]!;
    }
  return rocAuc(scores, right);
}

/** The pairs with the right response first. An exact duplicate of an earlier pair of the row is dropped. */
function orientPairs(row: BenchRow, sampled: [number, number][], correct: boolean[]) {
  const pairs = new Map<string, BenchItem["pairs"][number]>();
  for (const [index, [i, j]] of sampled.entries()) {
    const field = `sampled_conflict_pairs[${index}]`;
    if (i >= correct.length || j >= correct.length)
      throw rowError(row, field, `expected indices below ${correct.length}, got ${JSON.stringify([i, j])}`);
    if (correct[i] === correct[j])
      throw rowError(
        row,
        field,
        `expected a right and a wrong response, got ${JSON.stringify([i, j])}, which are both ${correct[i] ? "right" : "wrong"}`,
      );
    pairs.set(`${i},${j}`, correct[i] ? [i, j] : [j, i]);
  }
  return { pairs: [...pairs.values()], duplicates: sampled.length - pairs.size };
}

function responsesOf(row: BenchRow, count: number): string[] {
  const extra = `response_${count + 1}`;
  if (typeof row.value[extra] === "string")
    throw rowError(row, "scores", `expected one for every response, got ${count} and a field ${extra}`);
  return Array.from({ length: count }, (_, index) => {
    const field = `response_${index + 1}`;
    const text = row.value[field];
    if (typeof text === "string") return text;
    throw rowError(row, field, `expected text, as many as there are scores (${count}), got ${shorten(text)}`);
  });
}

/** The set whose name is in the file's name, else in the nearest folder's. */
function setOf(row: BenchRow): string {
  for (const part of row.path.split(/[\\/]/).reverse()) {
    const found = Object.entries(sets).find(([, pattern]) => pattern.test(part));
    if (found !== undefined) return found[0];
  }
  throw rowError(row, "file name", `expected a file or folder named after one of ${Object.keys(sets).join(", ")}`);
}
