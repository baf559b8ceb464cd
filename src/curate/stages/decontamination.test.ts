import { join } from "node:path";
import { expect, test } from "vitest";
import { benchmarks } from "../../bench/index.ts";
import { writeRows } from "../../bench/test-helpers.ts";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { curatePairs, pairOf } from "../test-helpers.ts";

/** Words that stand nowhere else. */
const words = (name: string, part: string) =>
  Array.from({ length: 16 }, (_, at) => `${name.replaceAll("-", "")}${part}${at}`).join(" ");
const texts = (name: string) => ({
  prompt: words(name, "prompt"),
  good: words(name, "good"),
  bad: words(name, "bad"),
});
type Texts = ReturnType<typeof texts>;

const aspects = (rating: string) =>
  Object.fromEntries(
    ["instruction_following", "honesty", "truthfulness", "helpfulness"].map((name) => [name, { Rating: rating }]),
  );
const steered = { correctness: 3, coherence: 4, complexity: 1, verbosity: 2 };

/** A file of one item in the documented shape of each benchmark. */
const shapes: Record<string, [file: string, rows: (texts: Texts) => object[]]> = {
  rewardbench: [
    "filtered.jsonl",
    ({ prompt, good, bad }) => [{ id: 1, prompt, chosen: good, rejected: bad, subset: "alpacaeval-easy" }],
  ],
  "rewardbench-2": [
    "test.jsonl",
    ({ prompt, good, bad }) => [
      {
        id: "1",
        prompt,
        subset: "Math",
        num_correct: 1,
        total_completions: 4,
        chosen: [good],
        rejected: [bad, "b", "c"],
      },
    ],
  ],
  "rm-bench": [
    "chat.json",
    ({ prompt, good, bad }) => [{ id: "1", prompt, chosen: [good, "b", "c"], rejected: [bad, "e", "f"] }],
  ],
  judgebench: [
    "gpt.jsonl",
    ({ prompt, good, bad }) => [
      {
        ...{ pair_id: "1", original_id: "1", source: "mmlu-pro-law", question: prompt, response_model: "m" },
        ...{ response_A: good, response_B: bad, label: "A>B" },
      },
    ],
  ],
  ppe: [
    "gpqa.jsonl",
    ({ prompt, good, bad }) => [
      {
        ...{ question_id: "1", model_name: "m", prompt, scores: [true, false], mean_score: 0.5 },
        ...{ sampled_conflict_pairs: [[0, 1]], response_1: good, response_2: bad },
      },
    ],
  ],
  rmb: [
    "Pairwise_set/Helpfulness/Chat/a.json",
    ({ prompt, good, bad }) => [
      {
        ...{
          pair_uid: "1",
          category_path: "Helpfulness/Chat",
          conversation_input: [{ role: "user", content: prompt }],
        },
        ...{ chosen: { llm_name: "m", answer: good }, reject: { llm_name: "n", answer: bad } },
      },
    ],
  ],
  llmbar: [
    "LLMBar/Natural/dataset.json",
    ({ prompt, good, bad }) => [{ input: prompt, output_1: good, output_2: bad, label: 1 }],
  ],
  pairs: ["a.jsonl", ({ prompt, good, bad }) => [{ prompt, chosen: good, rejected: bad }]],
  helpsteer: [
    "validation.jsonl",
    ({ prompt, good, bad }) => [
      { prompt, response: good, helpfulness: 4, ...steered },
      { prompt, response: bad, helpfulness: 1, ...steered },
    ],
  ],
  ultrafeedback: [
    "a.jsonl",
    ({ prompt, good, bad }) => [
      {
        ...{ source: "flan", instruction: prompt },
        completions: [
          { model: "m", response: good, overall_score: 8, annotations: aspects("5") },
          { model: "n", response: bad, overall_score: 2, annotations: aspects("1") },
        ],
      },
    ],
  ],
};

test("every benchmark that there is: its prompts and responses are found, wherever its data lies", async () => {
  expect(Object.keys(shapes).sort()).toEqual(benchmarks.map(({ name }) => name).sort());
  const data = await temporaryFolder();
  for (const [name, [file, rows]] of Object.entries(shapes)) await writeRows(join(data, name), file, rows(texts(name)));
  const pairs = benchmarks.flatMap(({ name }) => {
    const { prompt, good, bad } = texts(name);
    const run = (text: string) => `So: ${text.split(" ").slice(2, 15).join(", ")}!`;
    return [
      pairOf(`${name}: exact prompt`, { prompt }),
      pairOf(`${name}: normalised prompt`, { prompt: `${prompt.toUpperCase()}?` }),
      pairOf(`${name}: shared run of the prompt`, { prompt: run(prompt) }),
      pairOf(`${name}: shared run of a response`, { chosen: run(good) }),
      pairOf(`${name}: shared run of the other response`, { rejected: run(bad) }),
      // Twelve words in a row are a coincidence.
      pairOf(`${name}: clean`, { chosen: good.split(" ").slice(0, 12).join(" ") }),
    ];
  });
  const { kept, dropped, stages } = await curatePairs(pairs, [{ decontamination: { data: [data] } }]);
  expect(kept).toEqual(benchmarks.map(({ name }) => `${name}: clean`));
  for (const { id, reason } of dropped) {
    const [name, kind] = id.split(": ") as [string, string];
    expect(reason).toBe(`${kind.replace(/ of .*/, "")}: ${name}`);
  }
  const { notes } = stages.find(({ name }) => name === "decontamination")!;
  for (const { name } of benchmarks) expect(notes[0]).toContain(`${name} (1 items)`);
  expect(notes).toHaveLength(1);
});

test("benchmarks without data are named: they were not compared with", async () => {
  const { stages } = await curatePairs([pairOf("a")], ["decontamination"]);
  expect(stages.find(({ name }) => name === "decontamination")!.notes).toEqual([
    "compared with nothing",
    `not compared with ${benchmarks.map(({ name }) => name).join(", ")}: no data given`,
  ]);
});
