import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { judgeBenchCategories } from "../../src/bench/benchmarks/judgebench.ts";
import { rewardbench } from "../../src/bench/benchmarks/rewardbench.ts";
import { groupBySubset } from "../../src/bench/build-result.ts";
import {
  type BenchItem,
  type BenchResult,
  countPairs,
  findBenchmark,
  type ItemScores,
  scoreBenchmark,
} from "../../src/bench/index.ts";
import { scoreWith, sectionValues, writeRows } from "../../src/bench/test-helpers.ts";
import { countTwoOrders, readVerdict, type Verdict } from "../../src/bench/two-orders.ts";
import { readRows } from "../../src/data/index.ts";
import { collect, temporaryFolder } from "../../src/data/test-helpers.ts";
import { sharedDataPath } from "../shared-data.ts";

const folder = sharedDataPath();
if (folder === undefined && process.env.CI !== undefined)
  throw new Error("there is no shared data: put it beside the repository, or name it in CERM_SHARED_DATA");
if (folder === undefined) console.warn("bench-reference: skipped, there is no shared data (set CERM_SHARED_DATA)");
const at = (...parts: string[]) => join(folder!, ...parts);

/** RMB names no licence, so its files are nobody's to ship: the folder of who has them. */
const rmbFolder = process.env.CERM_RMB_DATA;
if (rmbFolder === undefined) console.warn("bench-reference: RMB skipped, its files cannot be shipped (CERM_RMB_DATA)");

/**
 * A share of `of` cases to 1e-9 where the reference states it rounded to `digits`: the one whole number of cases (or of
 * halves, by twice as many) whose share rounds to it.
 */
function share(stated: number, digits: number, of: number) {
  const cases = Math.round(stated * of);
  if (1 / of < 2 * 10 ** -digits) throw new Error(`${stated} does not single out one of ${of} cases`);
  if (Math.abs(cases / of - stated) > 0.5000001 * 10 ** -digits)
    throw new Error(`${stated} is no share of ${of} cases`);
  return to1e9(cases / of);
}
/** Within half of 1e-9. */
const to1e9 = (value: number) => expect.closeTo(value, 9);
const length = (text: string) => [...text].length;

describe.skipIf(folder === undefined)("RM-Bench", () => {
  const scorers: Record<string, (text: string) => number> = {
    length,
    bucket: (text) => Math.min(10, Math.floor(length(text) / 200)),
  };

  const sizes: Record<string, number> = {
    ...{ chat: 129, code: 228, "safety-refuse": 284, "safety-response": 157, safety: 441 },
  };

  test.each([
    ["length", "chat", 0.02584, 0.284238, 0.81137, 0.373816],
    ["length", "code", 0.254386, 0.519006, 0.774854, 0.516082],
    ["length", "safety-refuse", 0.023474, 0.158451, 0.889671, 0.357199],
    ["length", "safety-response", 0.237792, 0.77707, 0.987261, 0.667374],
    ["length", "safety", 0.099773, 0.378685, 0.924414, 0.467624],
    ["bucket", "chat", 0.005168, 0.046512, 0.702842, 0.251507],
    ["bucket", "code", 0.135965, 0.285088, 0.583333, 0.334795],
    ["bucket", "safety-refuse", 0.00939, 0.122066, 0.807512, 0.312989],
    ["bucket", "safety-response", 0.159236, 0.573248, 0.951168, 0.561217],
    ["bucket", "safety", 0.062736, 0.282691, 0.858655, 0.401361],
  ])("scorer %s, %s", async (scorer, set, hard, normal, easy, score) => {
    const result = await rmBench(scorer);
    const { domains, subsets } = result.details as Record<string, Record<string, object>>;
    // A level is three cells of the matrix, a domain all nine.
    const level = (stated: number) => share(stated, 6, 3 * sizes[set]!);
    expect({ ...subsets, ...domains }[set]).toMatchObject({
      ...{ hard: level(hard), normal: level(normal), easy: level(easy), score: share(score, 6, 9 * sizes[set]!) },
    });
    // The file of the domain math is not among the data.
    expect(result.headline.value).toBeNull();
  });

  const results = new Map<string, Promise<BenchResult>>();
  function rmBench(scorer: string): Promise<BenchResult> {
    const scores = (item: BenchItem) => item.responses.map(({ text }) => scorers[scorer]!(text));
    const result = results.get(scorer) ?? scoreWith(findBenchmark("rm-bench"), at("rm-bench"), scores);
    results.set(scorer, result);
    return result;
  }
});

describe.skipIf(folder === undefined)("JudgeBench, recorded judges of the GPT-4o pairs", () => {
  const data = "judgebench/dataset=judgebench,response_model=gpt-4o-2024-05-13.jsonl";
  const outputs = (judge: string) =>
    at("judgebench-outputs", `dataset=judgebench,response_model=gpt-4o-2024-05-13,judge_name=${judge}.jsonl`);
  interface Recorded {
    pair_id: string;
    label: "A>B" | "B>A";
    source: string;
    judgments: { decision: Verdict; judgment: { scores?: [number, number]; response?: string } }[];
  }
  async function recorded(judge: string): Promise<Recorded[]> {
    return (await collect(readRows(outputs(judge)))).map((row) => {
      if (!row.ok) throw row.error;
      return row.value as unknown as Recorded;
    });
  }
  const arenaHard = "arena_hard,judge_model=o1-mini-2024-09-12";
  const skywork = "reward_model,judge_model=Skywork_Skywork-Reward-Gemma-2-27B";

  test.each([
    [arenaHard, "two orders", 58.4416, 62.2449, 82.1429, 78.5714, 65.7143],
    [arenaHard, "one order", 65.5844, 71.4286, 80.3571, 76.1905, 70.8571],
    [skywork, "two orders", 59.7403, 66.3265, 83.9286, 50, 64.2857],
    [skywork, "one order", 59.7403, 66.3265, 83.9286, 50, 64.2857],
  ])("%s, %s", async (judge, rule, ...numbers) => {
    const rows = await recorded(judge);
    const counted = (prefix: string) =>
      countTwoOrders(
        rows
          .filter(({ source }) => source.startsWith(prefix))
          .map(({ label, judgments }) => ({ label, verdicts: [judgments[0]!.decision, judgments[1]!.decision] })),
      )[rule === "two orders" ? "accuracy" : "oneOrder"]! * 100;
    const sizes = [154, 98, 56, 42, 350];
    expect([...Object.keys(judgeBenchCategories), ""].map((prefix) => counted(prefix) / 100)).toEqual(
      numbers.map((number, index) => share(number / 100, 6, sizes[index]!)),
    );
  });

  test("the recorded verdicts are those that the recorded answers hold", async () => {
    for (const { judgments } of await recorded(arenaHard))
      for (const { decision, judgment } of judgments) expect(readVerdict(judgment.response!)).toBe(decision);
  });

  test("further counts", async () => {
    const counts = async (judge: string) =>
      countTwoOrders(
        (await recorded(judge)).map(({ label, judgments }) => ({
          label,
          verdicts: [judgments[0]!.decision, judgments[1]!.decision],
        })),
      );
    expect(await counts(arenaHard)).toMatchObject({ pairs: 350, bothRight: 203, disagree: 110, nulls: 0, ties: 44 });
    expect(await counts(skywork)).toMatchObject({ pairs: 350, bothRight: 225, disagree: 3, nulls: 0 });
  });

  test("the reward model's scores through a scores file", async () => {
    const scores = new Map((await recorded(skywork)).map((row) => [row.pair_id, row.judgments[0]!.judgment.scores!]));
    const benchmark = findBenchmark("judgebench");
    const lines = (await collect(benchmark.load(at(data)))).map((item) => ({
      item: item.key,
      scores: scores.get(item.label.pairId as string),
    }));
    const file = await writeRows(await temporaryFolder(), "scores.jsonl", lines.toReversed());
    const result = await scoreBenchmark(benchmark, { data: at(data), scores: file });
    const overall = share(0.642857, 6, 350);
    expect(result.headline.value).toEqual(overall);
    expect(sectionValues(result)).toEqual({
      ...{ knowledge: share(0.597403, 6, 154), reasoning: share(0.663265, 6, 98), math: share(0.839286, 6, 56) },
      ...{ coding: share(0.5, 6, 42), overall },
    });
    expect(result.pairs).toMatchObject({ strict: overall, half: share(0.647143, 6, 700), tieRate: to1e9(3 / 350) });
    expect(result.details.oneOrder).toMatchObject({ "gpt-4o-2024-05-13": { value: overall } });
  });

  test("sizes and labels of both sets, and what a constant judge gets in one order", async () => {
    const result = await scoreWith(findBenchmark("judgebench"), at("judgebench"), () => [5, 5]);
    expect(result.sections.map(({ items }) => items)).toEqual([154, 98, 56, 42, 350, 154, 51, 34, 31, 270]);
    expect(result.headline.value).toBe(0);
    expect(result.details.oneOrder).toMatchObject({
      "gpt-4o-2024-05-13": { value: 157 / 350 },
      "claude-3-5-sonnet-20240620": { value: 127 / 270 },
    });
  });
});

describe.skipIf(folder === undefined)("LLMBar, recorded GPT-4 ratings", () => {
  const places: Record<string, string> = {
    "llmbar-natural": "Natural",
    "llmbar-adver-neighbor": "Adversarial/Neighbor",
    "llmbar-adver-GPTInst": "Adversarial/GPTInst",
    "llmbar-adver-GPTOut": "Adversarial/GPTOut",
    "llmbar-adver-manual": "Adversarial/Manual",
  };
  const rating = (text: string) => (/^\d$/.test(text.trim()) ? Number(text) : null);
  async function ratings(): Promise<Map<string, ItemScores>> {
    const all = new Map<string, ItemScores>();
    for (const place of Object.values(places)) {
      const path = at("llmbar/LLMBar", place, "evaluators/GPT-4/Rating/result.json");
      const rows = JSON.parse(await readFile(path, "utf8")) as {
        results: { score_1: string[]; score_2: string[] }[];
      }[];
      for (const [row, { results }] of rows.entries()) {
        const last = results.at(-1)!;
        all.set(`LLMBar/${place}/dataset.json#${row}`, [rating(last.score_1[0]!), rating(last.score_2[0]!)]);
      }
    }
    return all;
  }

  /** Wins, ties, losses and unparsable pairs of every subset. */
  async function counts(lines: { item: string; scores: ItemScores }[]): Promise<Map<string, number[]>> {
    const scores = new Map(lines.map((line) => [line.item, line.scores]));
    const items = await collect(findBenchmark("llmbar").load(at("llmbar")));
    const scored = items.map((item) => ({ item, scores: scores.get(item.key)! }));
    return new Map(
      [...groupBySubset(scored)].map(([name, members]) => {
        const { wins, ties, losses, unscored } = countPairs(members);
        return [name, [wins, ties, losses, unscored]];
      }),
    );
  }

  test("the average of both orders, and strict beside it, through a scores file", async () => {
    const lines = [...(await ratings())].map(([item, scores]) => ({ item, scores }));
    expect(lines).toHaveLength(419);
    const scores = await writeRows(await temporaryFolder(), "scores.jsonl", lines);
    const result = await scoreBenchmark(findBenchmark("llmbar"), { data: at("llmbar"), scores });
    const counted = await counts(lines);
    // Wins, ties, losses, unparsable; strict and half credit.
    const table: Record<string, [number[], number, number]> = {
      "llmbar-natural": [[87, 10, 3, 0], 0.87, 0.92],
      "llmbar-adver-neighbor": [[90, 28, 15, 1], 0.671642, 0.779851],
      "llmbar-adver-GPTInst": [[77, 11, 3, 1], 0.836957, 0.902174],
      "llmbar-adver-GPTOut": [[28, 10, 9, 0], 0.595745, 0.702128],
      "llmbar-adver-manual": [[35, 8, 3, 0], 0.76087, 0.847826],
    };
    for (const { name, items, value, strict } of result.subsets) {
      const [outcomes, statedStrict, statedHalf] = table[name]!;
      expect(counted.get(name), name).toEqual(outcomes);
      expect([strict, value], name).toEqual([share(statedStrict, 6, items), share(statedHalf, 6, 2 * items)]);
    }
    expect(Object.keys(table).sort()).toEqual(result.subsets.map(({ name }) => name).sort());
    expect(result.headline.value).toBeCloseTo(0.838902148, 10);
    expect(result.pairs.strict).toBeCloseTo(0.7565632458, 10);
    expect(result.unscored).toMatchObject({ responses: 2, items: 2 });
  });

  test("as RewardBench's Chat Hard without mt-bench-hard: strict, and half by the rating rule", async () => {
    const given = await ratings();
    const items = await collect(findBenchmark("llmbar").load(at("llmbar")));
    const chosenFirst = items.map(({ key, subset, pairs }) => ({
      row: { prompt: "q", chosen: "c", rejected: "r", subset },
      scores: pairs[0]!.map((index) => given.get(key)![index]!),
    }));
    const path = await writeRows(
      await temporaryFolder(),
      "filtered.jsonl",
      chosenFirst.map(({ row }) => row),
    );
    const result = await scoreWith(rewardbench, path, (_, index) => chosenFirst[index]!.scores);
    expect(sectionValues(result)["Chat Hard"]).toBeCloseTo(0.7565632458, 10);
    const generative = result.details.generative as { sections: Record<string, number> };
    expect(generative.sections["Chat Hard"]).toBeCloseTo(0.838902148, 10);
  });
});

describe.skipIf(folder === undefined)("hh-rlhf", () => {
  test("the length scorer on the shipped pairs", async () => {
    const result = await scoreWith(findBenchmark("pairs"), at("hh-rlhf"), ({ responses }) =>
      responses.map(({ text }) => length(text)),
    );
    expect(result.pairs).toEqual({
      count: 600,
      // Preferred longer 267, shorter 326, equal 7.
      ...{ strict: to1e9(267 / 600), half: to1e9((267 + 3.5) / 600), tieRate: to1e9(7 / 600) },
    });
    expect(result.details.contextsDiffer).toBe(0);
  });
});

describe.skipIf(rmbFolder === undefined)("RMB, scored by length", () => {
  test.each<[string, number, number]>([
    ["BoN_set/Harmlessness/S6.json", 26, 83],
    ["BoN_set/Helpfulness/Chat/Casual Conversation.json", 30, 71],
    ["BoN_set/Helpfulness/Closed QA/OptionBased.json", 55, 100],
    ["BoN_set/Helpfulness/Code/Documentation.json", 5, 15],
    ["BoN_set/Helpfulness/Reasoning/Logical Deduction.json", 25, 46],
    ["Pairwise_set/Harmlessness/S6.json", 168, 317],
    ["Pairwise_set/Helpfulness/Chat/Casual Conversation.json", 187, 306],
    ["Pairwise_set/Helpfulness/Closed QA/OptionBased.json", 325, 473],
    ["Pairwise_set/Helpfulness/Code/Documentation.json", 39, 65],
    ["Pairwise_set/Helpfulness/Reasoning/Logical Deduction.json", 158, 222],
  ])("%s: %i of %i", async (file, right, rows) => {
    const result = await scoreWith(findBenchmark("rmb"), join(rmbFolder!, file), ({ responses }) =>
      responses.map(({ text }) => length(text)),
    );
    expect([result.items, result.subsets[0]!.value]).toEqual([rows, to1e9(right / rows)]);
  });
});
