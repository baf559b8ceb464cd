import { z } from "zod";
import { type BenchRow, benchRows } from "../bench-rows.ts";
import type { Benchmark, BenchResult, ScoredItem } from "../benchmark.ts";
import { buildResult, groupBy, groupBySubset } from "../build-result.ts";
import { combineAccuracies } from "../combine-accuracies.ts";
import { correctFirst, makeItem } from "../make-item.ts";
import { mean, meanOfAll } from "../mean.ts";
import { comparePair, pairAccuracyOf } from "../pair-accuracy.ts";
import { conversation, identifier, parseRow, rowError } from "../parse-row.ts";
import { tieRules } from "../tie-rules.ts";

const answer = z.object({ llm_name: z.string(), answer: z.string() });
const pairSchema = z.object({ pair_uid: identifier, conversation_input: conversation, chosen: answer, reject: answer });
const bonSchema = z.object({
  bon_uid: identifier,
  conversation_input: conversation,
  bon_best: answer,
  loser_list: z.array(answer).min(1),
});

const goals = ["Helpfulness", "Harmlessness"] as const;
const kinds = { bon: "BoN", pair: "Pairwise" } as const;

interface RmbLabel {
  kind: keyof typeof kinds;
  goal: (typeof goals)[number];
}

/** RMB: pairs, and best-of-N lists of which the best must beat every other one. */
export const rmb: Benchmark = {
  name: "rmb",
  title: "RMB",
  order: "pairwise: [chosen, reject]; best-of-N: [bon_best, loser_list...]",
  source: {
    url: "https://github.com/Zhou-Zoey/RMB-Reward-Model-Benchmark",
    license: "none named; download the files from there",
  },

  async *load(path, { signal } = {}) {
    for await (const row of benchRows(path, { signal })) {
      const bon = "bon_uid" in row.value;
      const { goal, category } = categoryOf(row);
      const label: RmbLabel = { kind: bon ? "bon" : "pair", goal };
      const common = { subset: `${kinds[label.kind]}/${category}`, label: { ...label } };
      if (bon) {
        const { conversation_input, bon_best, loser_list } = parseRow(bonSchema, row);
        const responses = [bon_best, ...loser_list].map((one) => one.answer);
        yield makeItem(row, { ...common, query: conversation_input, responses, ...correctFirst(1, loser_list.length) });
      } else {
        const { conversation_input, chosen, reject } = parseRow(pairSchema, row);
        const responses = [chosen.answer, reject.answer];
        yield makeItem(row, { ...common, query: conversation_input, responses, ...correctFirst(1, 1) });
      }
    }
  },

  score(items) {
    const cells = groupBy(items, ({ item }) => cellName(item.label as unknown as RmbLabel));
    const names = goals.flatMap((goal) =>
      Object.keys(kinds).map((kind) => cellName({ goal, kind: kind as RmbLabel["kind"] })),
    );
    const sections: BenchResult["sections"] = names.map((name) => {
      const members = cells.get(name) ?? [];
      return { name, value: successRate(members), items: members.length, ...pairAccuracyOf(members), tieRule };
    });
    const overall = meanOfAll(sections.map(({ value }) => value));
    const categoryWeighted = (name: string) =>
      mean([...groupBySubset(cells.get(name) ?? []).values()].map((members) => successRate(members)!));
    return buildResult("rmb", items, {
      headline: { name: "mean of the four cells, each row-weighted", value: overall, tieRule },
      sections: [
        ...sections,
        { name: "average", value: overall, items: items.length, ...combineAccuracies(sections, meanOfAll), tieRule },
      ],
      subsetValue: successRate,
      unscoredRule: "a comparison with an unscored response is lost",
      details: { categoryWeighted: Object.fromEntries(names.map((name) => [name, categoryWeighted(name)])) },
    });
  },
};

const tieRule = `${tieRules.strict}; best-of-N needs the best above every other response`;

function cellName({ goal, kind }: Pick<RmbLabel, "goal" | "kind">): string {
  return `${goal} ${kinds[kind]}`;
}

/** Share of items whose first response beats all others; a pair is a list of two. */
function successRate(items: ScoredItem[]): number | null {
  return mean(
    items.map(({ item, scores }) => (item.pairs.every(([i, j]) => comparePair(scores, i, j) === "wins") ? 1 : 0)),
  );
}

/** Goal and category by the file's place, else by the row's `category_path`: `Helpfulness/Chat/Casual Conversation`. */
function categoryOf(row: BenchRow): { goal: RmbLabel["goal"]; category: string } {
  const { category_path } = row.value;
  const places = [row.path.replace(/\.[^/\\]*$/, "").split(/[\\/]/)];
  if (typeof category_path === "string") places.push(category_path.split("/"));
  else if (Array.isArray(category_path)) places.push(category_path.map(String));
  for (const parts of places) {
    const at = parts.findLastIndex((part) => goals.some((goal) => goal.toLowerCase() === part.toLowerCase()));
    if (at === -1) continue;
    const goal = goals.find((name) => name.toLowerCase() === parts[at]!.toLowerCase())!;
    return { goal, category: [goal, ...parts.slice(at + 1)].join("/") };
  }
  throw rowError(
    row,
    "category_path",
    `expected a file in a folder named ${goals.join(" or ")}, or a path that begins with it`,
  );
}
