import { z } from "zod";
import { shorten } from "../../data/shorten.ts";
import { benchRows } from "../bench-rows.ts";
import type { Benchmark, BenchResult, ScoredItem } from "../benchmark.ts";
import { buildResult, groupBy } from "../build-result.ts";
import { makeItem } from "../make-item.ts";
import { pairAccuracyOf } from "../pair-accuracy.ts";
import { parseRow, rowError } from "../parse-row.ts";
import { tieRules } from "../tie-rules.ts";
import { countTwoOrders, type TwoOrders, verdictOfScores } from "../two-orders.ts";

const schema = z.object({
  pair_id: z.string(),
  source: z.string(),
  question: z.string(),
  response_model: z.string(),
  response_A: z.string(),
  response_B: z.string(),
  label: z.enum(["A>B", "B>A"]),
});

interface JudgeBenchLabel {
  label: "A>B" | "B>A";
  responseModel: string;
  pairId: string;
  source: string;
}

/** Categories by the beginning of `source`, in the order of the paper's table. */
export const judgeBenchCategories: Readonly<Record<string, string>> = {
  "mmlu-pro": "knowledge",
  "livebench-reasoning": "reasoning",
  "livebench-math": "math",
  livecodebench: "coding",
};

/** JudgeBench: pairs of answers of one model of which one is objectively right. Its sets, one per model, are reported apart. */
export const judgebench: Benchmark = {
  name: "judgebench",
  title: "JudgeBench",
  order: "[response_A, response_B]",
  source: {
    url: "https://github.com/ScalerLab/JudgeBench",
    license: "MIT",
    sets: [
      {
        host: "github",
        repo: "ScalerLab/JudgeBench",
        revision: "e2c52c284e735e139b3daa61c206ee208f36c461",
        files: [
          {
            path: "data/dataset=judgebench,response_model=gpt-4o-2024-05-13.jsonl",
            sha256: "d5106306b38dead1b2e964ecf5534a3e7b2fc4b8d3b8da327599edfcebd76042",
          },
          {
            path: "data/dataset=judgebench,response_model=claude-3-5-sonnet-20240620.jsonl",
            sha256: "3b70504588e400613bf5744a20a345da8701b7150be9a30c9db0e6f3d7b70a62",
          },
        ],
      },
    ],
  },

  async *load(path, { signal } = {}) {
    for await (const row of benchRows(path, { signal })) {
      const { pair_id, source, question, response_model, response_A, response_B, label } = parseRow(schema, row);
      const prefix = Object.keys(judgeBenchCategories).find((name) => source.startsWith(name));
      if (prefix === undefined)
        throw rowError(
          row,
          "source",
          `expected one that begins with ${Object.keys(judgeBenchCategories).join(", ")}, got ${shorten(source)}`,
        );
      const known: JudgeBenchLabel = { label, responseModel: response_model, pairId: pair_id, source };
      yield makeItem(row, {
        subset: judgeBenchCategories[prefix]!,
        query: question,
        responses: [response_A, response_B],
        quality: label === "A>B" ? [1, 0] : [0, 1],
        pairs: [label === "A>B" ? [0, 1] : [1, 0]],
        label: { ...known },
      });
    }
  },

  score(items) {
    const sets = [...groupBy(items, ({ item }) => labelOf(item).responseModel)].sort(
      ([a], [b]) => order(a) - order(b) || (a < b ? -1 : 1),
    );
    const sections = sets.flatMap(([model, members]) => sectionsOf(members, sets.length > 1 ? `${model} ` : ""));
    const [quoted] = sets;
    const name = `overall, two orders, pair-weighted${quoted === undefined ? "" : ` (${quoted[0]})`}`;
    return buildResult("judgebench", items, {
      headline: { name, value: accuracy(quoted?.[1] ?? []), items: quoted?.[1].length ?? 0, tieRule },
      sections,
      subsetValue: accuracy,
      unscoredRule: "a pair with an unscored response is not correct",
      details: {
        oneOrder: Object.fromEntries(
          sets.map(([model, members]) => [
            model,
            {
              value: countTwoOrders(members.map(verdictsOf)).oneOrder,
              tieRule: "a tie counts as B>A: right where that is the label",
            },
          ]),
        ),
      },
    });
  },
};

const tieRule = `${tieRules.strict} (it becomes B>A in both orders, which cancel)`;

/** The set that papers quote stands first. */
function order(model: string): number {
  return model.startsWith("gpt-4o") ? 0 : 1;
}

function sectionsOf(items: ScoredItem[], prefix: string): BenchResult["sections"] {
  const groups = groupBy(items, ({ item }) => item.subset);
  const section = (name: string, members: ScoredItem[]) => ({
    name: prefix + name,
    value: accuracy(members),
    items: members.length,
    ...pairAccuracyOf(members),
    tieRule,
  });
  return [
    ...Object.values(judgeBenchCategories).map((name) => section(name, groups.get(name) ?? [])),
    section("overall", items),
  ];
}

function accuracy(items: ScoredItem[]): number | null {
  return countTwoOrders(items.map(verdictsOf)).accuracy;
}

/** What the same scores say in both orders. */
function verdictsOf({ item, scores }: ScoredItem): TwoOrders {
  const [a, b] = [scores[0]!, scores[1]!];
  return { label: labelOf(item).label, verdicts: [verdictOfScores(a, b), verdictOfScores(b, a)] };
}

function labelOf(item: ScoredItem["item"]): JudgeBenchLabel {
  return item.label as unknown as JudgeBenchLabel;
}
