import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deriveSeed, type Random, seededRandom } from "../../../core/random.ts";
import type { Control, RunItem } from "../../run/index.ts";

export interface FixtureOptions {
  seed?: number;
  /** Items of each benchmark. Default 24. */
  items?: number;
  benchmarks?: FixtureBenchmark[];
  mode?: "unified" | "pairwise";
  /** Votes of a response. Default 2. */
  votes?: number;
  /** How far apart better and worse responses are scored, in points. Default 2. */
  skill?: number;
  limit?: number | null;
  control?: Control | null;
  model?: string;
  /** Text put into queries, responses, criteria, evaluations and names. */
  hostile?: string;
  /** Of every hundred responses, those without a score. Default 4. */
  unscoredPercent?: number;
  expected?: boolean;
}

export type FixtureBenchmark = "judgebench" | "llmbar" | "rm-bench" | "rewardbench-2";

const run = "0123456789ab";
const layouts = {
  judgebench: { title: "JudgeBench", subsets: ["knowledge", "reasoning", "math", "coding"], quality: [1, 0] },
  llmbar: { title: "LLMBar", subsets: ["llmbar-natural", "llmbar-adver-manual"], quality: [1, 0] },
  "rm-bench": {
    title: "RM-Bench",
    subsets: ["chat", "math", "code", "safety-refuse", "safety-response"],
    quality: [1, 1, 1, 0, 0, 0],
  },
  "rewardbench-2": {
    title: "RewardBench 2",
    subsets: ["Factuality", "Precise IF", "Math", "Safety", "Focus"],
    quality: [1, 0, 0, 0],
  },
} as const;

/** Writes a run directory as a benchmark run would, with made-up texts and scores; the same options, the same bytes. */
export async function writeFixtureRun(directory: string, options: FixtureOptions = {}): Promise<RunItem[]> {
  const { benchmarks = ["judgebench", "llmbar", "rm-bench"], items = 24 } = options;
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "run.json"), JSON.stringify(runFile(benchmarks, items, options)));
  const lines = benchmarks.flatMap((name) =>
    Array.from({ length: items }, (_, row) => fixtureItem(name, row, options)),
  );
  await writeFile(
    join(directory, "items.jsonl"),
    lines.map((item) => `${JSON.stringify({ ...item, run })}\n`).join(""),
  );
  return lines;
}

function runFile(benchmarks: FixtureBenchmark[], items: number, options: FixtureOptions) {
  const { limit = benchmarks.length * items, control = null, mode = "unified", votes = 2 } = options;
  const one = { items, total: limit === null ? items : 10 * items, choice: "c", attribute: null, minGap: null };
  return {
    kind: "bench",
    format: 1,
    run,
    startedAt: "2026-02-03T04:05:06.000Z",
    version: "0.1.0",
    benchmarks: benchmarks.map((name) => ({ name, title: layouts[name].title, path: `data/${name}` })),
    settings: {
      benchmarks: Object.fromEntries(
        benchmarks.map((name) => [
          name,
          { ...one, files: [{ file: `${name}.jsonl`, bytes: 12345, sha256: "ab".repeat(32) }] },
        ]),
      ),
      ...{ limit, seed: 7, mode, control },
      model: { engine: "embedded", model: options.model ?? `SmolLM2-135M-Instruct.gguf:98000000:${"0f".repeat(32)}` },
      ...{ guided: "native", logprobs: false, pack: "compact@1 0a1b2c", score: "hard" },
      ...{ criteriaSamples: 1, evaluations: mode === "pairwise" ? 1 : votes, temperature: 0.7, topP: 1 },
      maxTokens: { criteria: 256, evaluation: 512 },
    },
  };
}

function fixtureItem(benchmark: FixtureBenchmark, row: number, options: FixtureOptions): RunItem {
  const { seed = 1, mode = "unified", hostile = "" } = options;
  const layout = layouts[benchmark];
  const random = seededRandom(deriveSeed(seed, row, benchmark.length));
  // Pairs in the benchmark's own order: which is better is not always the first.
  const turned = layout.quality.length === 2 && row % 2 === 1;
  const quality = turned ? [0, 1] : [...layout.quality];
  const pairs = quality.flatMap((better, i) =>
    quality.flatMap((worse, j): [number, number][] => (better > worse ? [[i, j]] : [])),
  );
  const responses = quality.map((good, index) => responseText(random, good, index, hostile));
  return {
    id: `${benchmark}/${benchmark}.jsonl#${row}`,
    benchmark,
    item: `${benchmark}.jsonl#${row}`,
    subset: layout.subsets[row % layout.subsets.length]!,
    input: {
      messages: [{ role: "user", content: `Question ${row}: what is ${row} + ${row % 7}?${hostile}` }],
      responses,
    },
    quality,
    pairs,
    label: { label: turned ? "B>A" : "A>B", responseModel: "gpt-4o-2024-05-13", id: String(row), correct: 1 },
    ...(mode === "pairwise" ? compared(random, pairs) : judged(random, quality, `${benchmark}.jsonl#${row}`, options)),
    usage: { promptTokens: 900 + row, cachedPromptTokens: 500, outputTokens: 240 },
    milliseconds: 1500 + Math.round(1000 * random()),
  };
}

function responseText(random: Random, good: number, index: number, hostile: string): string {
  const steps = Array.from(
    { length: 1 + Math.floor(6 * random()) },
    (_, step) => `Step ${step + 1}: add the next number.`,
  );
  return `Answer ${index}, ${good > 0 ? "computed with care" : "guessed"}.\n${steps.join("\n")}${hostile}`;
}

function judged(random: Random, quality: number[], id: string, options: FixtureOptions) {
  const { votes = 2, skill = 2, hostile = "", unscoredPercent = 4, expected = true } = options;
  const evaluations = quality.map((good) => {
    const missing = random() * 100 < unscoredPercent;
    return Array.from({ length: votes }, (_, vote) => {
      const about = { criteriaSample: 0, evaluationSample: vote, fromStore: undefined };
      if (missing)
        return {
          ...about,
          score: null,
          unscored: { reason: "no-score", detail: "the answer holds no box" },
          text: `I will not score this.${hostile}`,
        };
      const exact = Math.min(10, Math.max(0, 5 + skill * (good - 0.5) + 5 * (random() - 0.5)));
      const hard = Math.round(2 * exact) / 2;
      return {
        ...{ ...about, score: hard, hard, expected: expected ? exact : undefined, distribution: undefined },
        criterionScores: [
          { term: `Correctness${hostile}`, score: Math.round(hard / 2), rationale: `The sum was checked.${hostile}` },
          { term: "Clarity", score: 3, rationale: "The steps are in order." },
        ],
        otherPoints: undefined,
        ...{ rationale: `Overall plausible.${hostile}`, text: `Analysis...\n\\boxed{${hard}}${hostile}` },
      };
    });
  });
  const meanOf = (of: "hard" | "expected") =>
    evaluations.map((each) => {
      const known = each.flatMap((vote) => ("hard" in vote && vote[of] !== undefined ? [vote[of]] : []));
      return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
    });
  const [hard, expectedScores] = [meanOf("hard"), meanOf("expected")];
  const criteria = [
    { term: `Correctness${hostile}`, description: "The sum is right." },
    { term: "Clarity", description: `The steps can be followed.${hostile}` },
  ];
  const scale: [number, number] = [0, 10];
  const judgment: RunItem["judgment"] = {
    id,
    mode: "unified",
    criteria: [{ sample: 0, responseId: undefined, fromStore: undefined, items: criteria, text: "1. Correctness" }],
    responses: evaluations.map((votesOf, index) => ({
      id: String(index),
      rank: 1,
      ...(hard[index] === null
        ? { reward: null, unscored: { reason: "no-score", detail: "the answer holds no box" } }
        : { reward: hard[index]!, scale, votes: votesOf.length, unscoredVotes: 0, spread: undefined }),
      evaluations: votesOf,
    })),
    ranking: quality.map((_, index) => String(index)),
    usage: { promptTokens: 900, cachedPromptTokens: 500, outputTokens: 240 },
    milliseconds: 1500,
    model: { engine: "embedded", model: "toy" },
    pack: "compact@1",
  };
  const unscored = hard.map((score) => (score === null ? "no-score" : null));
  return { hard, expected: expectedScores, unscored, judgment };
}

function compared(random: Random, pairs: [number, number][]) {
  const nothing = [...new Set(pairs.flat())].map(() => null);
  const pairwise = pairs.map(([better, worse]): NonNullable<RunItem["pairwise"]>[number] => {
    const [a, b] = [Math.min(better, worse), Math.max(better, worse)];
    const said = (): number | "tie" | null =>
      random() < 0.05 ? null : random() < 0.1 ? "tie" : random() < 0.7 ? better : worse;
    const [first, turned] = [said(), said()];
    const word = (winner: ReturnType<typeof said>, shownFirst: number) =>
      winner === null || winner === "tie" ? winner : winner === shownFirst ? "A" : "B";
    const points = (response: number) => [first, turned].filter((winner) => winner === response).length;
    const preferred = points(a) === points(b) ? null : points(a) > points(b) ? a : b;
    return { a, b, verdicts: [word(first, a), word(turned, b)], preferred, texts: ["[[A]]", "[[B]]"] };
  });
  return { hard: nothing, expected: nothing, unscored: nothing, pairwise };
}
