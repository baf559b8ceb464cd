import { z } from "zod";
import { benchRows } from "../bench-rows.ts";
import type { Benchmark, ScoredItem } from "../benchmark.ts";
import { buildResult, groupBySubset } from "../build-result.ts";
import { makeItem } from "../make-item.ts";
import { countPairs, lenientAccuracy, pairAccuracyOf } from "../pair-accuracy.ts";
import { parseRow } from "../parse-row.ts";
import { tieRules } from "../tie-rules.ts";

const schema = z.object({
  input: z.string(),
  output_1: z.string(),
  output_2: z.string(),
  label: z.literal([1, 2]),
});

/** Subsets by the folder that their file is in. */
const subsets: Record<string, string> = {
  Natural: "llmbar-natural",
  Neighbor: "llmbar-adver-neighbor",
  GPTInst: "llmbar-adver-GPTInst",
  GPTOut: "llmbar-adver-GPTOut",
  Manual: "llmbar-adver-manual",
};

/** LLMBar: instruction following, one natural and four adversarial subsets. */
export const llmbar: Benchmark = {
  name: "llmbar",
  title: "LLMBar",
  order: "[output_1, output_2]",
  source: {
    url: "https://github.com/princeton-nlp/LLMBar",
    license: "MIT",
    sets: [
      {
        host: "github",
        repo: "princeton-nlp/LLMBar",
        revision: "900616bff90b6c6c8e1681f7d079250637c55992",
        files: [
          file("Natural", "f7127b7aa78104cb8e03a2b1b3ac0077e95b125714dd441a8ee63666145a3375"),
          file("Adversarial/Neighbor", "6712c7eda6342602e0bc7c06c282fa95e2110d4e741a284026a62d937f9780a0"),
          file("Adversarial/GPTInst", "1002425f73c2cf54b6e6de99bce3f6c60fa2a17d13194772e37d7481c1351d42"),
          file("Adversarial/GPTOut", "1ff56e520d7607750a9866a3be0f5b850392ca4477a1f69d80f32bd3e310f561"),
          file("Adversarial/Manual", "0d9598769a39cdbbd265778c37e49939d41d5f76dcfb17bd75dcfa07516d3837"),
        ],
      },
    ],
  },

  async *load(path, { signal } = {}) {
    for await (const row of benchRows(path, { select, signal })) {
      const { input, output_1, output_2, label } = parseRow(schema, row);
      yield makeItem(row, {
        subset: subsetOf(row.path) ?? folderOf(row.path),
        query: input,
        responses: [output_1, output_2],
        quality: label === 1 ? [1, 0] : [0, 1],
        pairs: [label === 1 ? [0, 1] : [1, 0]],
        label: { label },
      });
    }
  },

  score(items) {
    const value = (members: ScoredItem[]) => lenientAccuracy(countPairs(members));
    const groups = groupBySubset(items);
    const section = (name: string, members: ScoredItem[]) => ({
      name,
      value: value(members),
      items: members.length,
      ...pairAccuracyOf(members),
      tieRule: tieRules.half,
    });
    const others = [...groups.keys()].filter((name) => !Object.values(subsets).includes(name)).sort();
    return buildResult("llmbar", items, {
      headline: { name: "average of both orders, over all pairs", value: value(items), tieRule: tieRules.half },
      sections: [...Object.values(subsets), ...others].map((name) => section(name, groups.get(name) ?? [])),
      subsetValue: value,
      unscoredRule:
        "a pair with an unscored response earns 1/2 (given to one output in one order and to the other in the other)",
    });
  },
};

function file(folder: string, sha256: string) {
  return { path: `Dataset/LLMBar/${folder}/dataset.json`, sha256 };
}

/** LLMBar's own five files where they are there; the sets it prepared of other benchmarks only where they stand alone. */
function select(files: string[]): string[] {
  const sets = files.filter((name) => /(^|\/)dataset\.json(\.gz)?$/.test(name));
  const own = sets.filter((name) => subsetOf(name) !== undefined);
  return own.length > 0 ? own : sets;
}

function subsetOf(path: string): string | undefined {
  const folders = path.split(/[\\/]/);
  return subsets[folders.findLast((folder) => folder in subsets) ?? ""];
}

function folderOf(path: string): string {
  return path.split(/[\\/]/).at(-2) || "llmbar";
}
