import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sharedDataPath } from "../../../../test/shared-data.ts";
import { loadPack } from "../../../prompts/load-pack.ts";
import { parseCriteria } from "../../../prompts/parse-criteria.ts";
import { parseEvaluation } from "../../../prompts/parse-evaluation.ts";
import type { ColdStartExample, Conversion } from "../cold-start-example.ts";
import { biggenBench } from "./biggen-bench.ts";
import { recordSources } from "./index.ts";
import { infobench } from "./infobench.ts";
import { qaFeedback } from "./qa-feedback.ts";
import type { RecordSource } from "./record-source.ts";
import { writingBench } from "./writing-bench.ts";

const pack = await loadPack("compact");
/** About what a tokenizer counts. */
const countTokens = (text: string) => Math.ceil(text.trim().length / 4.5);

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "cerm-records-"));
});
afterAll(() => rm(directory, { recursive: true }));

async function convert(source: RecordSource, content: unknown): Promise<Conversion[]> {
  const name = source.files[0]!.split("/").at(-1)!;
  const text = name.includes(".jsonl")
    ? (content as object[]).map((row) => JSON.stringify(row)).join("\n")
    : JSON.stringify(content);
  const file = join(directory, name);
  await writeFile(file, gzipSync(text));
  const conversions: Conversion[] = [];
  for await (const conversion of source.convert(file, { pack, countTokens })) conversions.push(conversion);
  return conversions;
}

/** What the assistant says in each turn. */
const answers = (conversion: Conversion | undefined) =>
  conversion?.ok
    ? conversion.example.messages.filter(({ role }) => role === "assistant").map(({ content }) => content)
    : conversion;

test("WritingBench: names become terms, descriptions lose their verb and end with a clause", async () => {
  const criterion = (name: string, criteria_description: string) => ({ name, criteria_description, "1-2": "Bad." });
  const [conversion] = await convert(writingBench, [
    {
      query: "Write a slogan of ten words for a tea shop in London.",
      criteria: [
        criterion("Slogan_Format_Adherence", "Evaluates how well the response keeps to ten words."),
        criterion(
          "Brand Voice",
          "Assesses the warmth of the tone, including everything that the whole long history of tea shops would make one expect of it.",
        ),
        criterion("London Feel", "Evaluates how well the slogan fits London."),
        criterion("Paris_Feel", "Evaluates how well the slogan fits Paris."),
        criterion("SEO_Quality", "Measures the use of search words."),
        criterion("Originality", "Evaluates how new it is."),
      ],
    },
  ]);
  expect(answers(conversion)).toEqual([
    [
      "[Start of Criteria]",
      "1. **Slogan format adherence**: How well the response keeps to ten words",
      "2. **Brand voice**: The warmth of the tone",
      "3. **London feel**: How well the slogan fits London",
      "4. **Originality**: How new it is",
      "[End of Criteria]",
    ].join("\n"),
  ]);
});

test("BiGGen Bench: the parts of a rubric's question are criteria; system prompts stay, other languages go", async () => {
  const row = (capability: string, criteria: string) => ({
    ...{ capability, system_prompt: "You are a guide.", input: "Plan a trip to Rome.", score_rubric: { criteria } },
    ...{ response: "Hello World!", reference_answer: "Day 1" },
  });
  const question =
    "Does the response design a two-day trip to Rome, including famous sights, while considering the budget?";
  const [first, second, third] = await convert(biggenBench, {
    a: row("planning", question),
    b: row("multilingual", question),
    c: row("planning", "Does the response plan the trip?"),
  });
  expect(answers(first)).toEqual([
    [
      "[Start of Criteria]",
      "1. **Two-day trip**: Designs a two-day trip to Rome",
      "2. **Famous sights**: Including famous sights",
      "3. **Budget**: Considering the budget",
      "[End of Criteria]",
    ].join("\n"),
  ]);
  expect(first?.ok && first.example.query.map(({ role }) => role)).toEqual(["system", "user"]);
  expect(second).toMatchObject({ ok: false, reason: "multilingual" });
  expect(third).toMatchObject({ ok: false, reason: "too few criteria fit the pack" });
});

describe("InfoBench", () => {
  const row = {
    subset: "Hard_set",
    instruction: "Write a poem about rain with a title and two stanzas.",
    input: "",
    decomposed_questions: [
      "Is the generated text a poem?",
      "Does the generated text include a title?",
      "Does the generated text include an introduction?",
      "Does the generated text include rhymes?",
      "Does the generated text contain two stanzas?",
    ],
    question_label: [["Format"], ["Content", "Format"], ["Content"], ["Content"], ["Number"]],
    output: "Rain falls.",
    eval: [true, false, true, true, true],
  };

  test("questions become criteria, one of each kind first; verdicts become scores", async () => {
    const [conversion] = await convert(infobench, [row]);
    expect(answers(conversion)).toEqual([
      [
        "[Start of Criteria]",
        "1. **Poem**: Is a poem",
        "2. **Title**: Includes a title",
        "3. **Introduction**: Includes an introduction",
        "4. **Two stanzas**: Contains two stanzas",
        "[End of Criteria]",
      ].join("\n"),
      [
        "1. Poem: It has the form asked for. \\boxed{5}",
        "2. Title: What was asked for is missing or wrong. \\boxed{1}",
        "3. Introduction: What was asked for is there. \\boxed{5}",
        "4. Two stanzas: The numbers are as asked for. \\boxed{5}",
        // (5 + 1 + 5 + 5) / 4 = 4 of 5, so 8 of 10.
        "Overall: 3 of 4 criteria are met; Title falls short. \\boxed{8}",
      ].join("\n"),
    ]);
    expect(conversion).toMatchObject({ example: { train: [1, 2], overall: 8, response: "Rain falls." } });
  });

  test("without turn 2 where the list misses what decides; never of the easy set", async () => {
    const questions = [...row.decomposed_questions, "Does it work?", "Is it good?", "Is it fine?"];
    const labels = [...row.question_label, ["Content"], ["Content"], ["Content"]];
    const failing = {
      ...row,
      decomposed_questions: questions,
      question_label: labels,
      eval: [true, true, true, true, true, false, false, false],
    };
    const [unlisted, easy] = await convert(infobench, [failing, { ...row, subset: "Easy_set" }]);
    expect(unlisted).toMatchObject({ ok: true, example: { train: [1] } });
    expect(answers(unlisted)).toHaveLength(1);
    expect(easy).toMatchObject({ ok: false, reason: "easy set: instructions of AlpacaEval" });
  });

  test("a row with a verdict too few is refused with its place", async () => {
    await expect(convert(infobench, [{ ...row, eval: [true] }])).rejects.toThrow(
      "GPT4_DecomposeEval.jsonl.gz#0 is no record of this source: expected a label and a verdict for each question",
    );
  });
});

describe("QA-Feedback", () => {
  const answer = "Rome is the capital. It was founded in 1871. Pizza is good.";
  const row = {
    question: "What is the capital of Italy?",
    passages: [["Rome", "Rome\n\nRome is the capital of Italy.", "It is old."]],
    "prediction 1": answer,
    feedback: {
      errors: [
        { "error type": "Wrong-Grounding", start: 21, end: 44, explanation: "" },
        { "error type": "Irrelevant", start: 45, end: 59, explanation: "" },
      ],
      "missing-info": [{ "error type": "Missing-Minor-Auxiliary" }, { "error type": "Missing-Major-Auxiliary" }],
      "corrected-prediction": "Rome is the capital of Italy.",
    },
  };

  test("marked errors become scores and reasons, and the corrected answer has none", async () => {
    const [first, corrected] = await convert(qaFeedback, [row]);
    expect(answers(first)![1 as never]).toBe(
      [
        // 1 - 0.3 - 0.1 = 0.6 of 5; one unsupported span: 0.6; 14 of 59 characters: 0.76.
        "1. Completeness: Important detail is missing. \\boxed{3}",
        '2. Support: "It was founded in ..." contradicts the passages. \\boxed{3}',
        '3. Relevance: "Pizza is good" is beside the point. \\boxed{4}',
        // (0.6 + 0.6 + 0.76) / 3 of 10.
        "Overall: Its weakest side is completeness. \\boxed{7}",
      ].join("\n"),
    );
    expect(first).toMatchObject({ ok: true, example: { train: [2], overall: 7 } });
    expect(corrected).toMatchObject({
      ok: true,
      example: { train: [2], overall: 10, response: "Rome is the capital of Italy." },
    });
    expect(first?.ok && first.example.query[0]!.content).toBe(
      "What is the capital of Italy?\n\nAnswer from these passages:\n\nRome\nRome is the capital of Italy. It is old.",
    );
  });

  test("a missing answer and many unsupported spans leave nothing", async () => {
    const spans = [0, 5, 10].map((start) => ({ "error type": "Unverifiable", start, end: start + 1 }));
    const missing = [{ "error type": "Missing-Answer" }, { "error type": "Missing-Answer" }];
    const [first] = await convert(qaFeedback, [
      { ...row, feedback: { errors: spans, "missing-info": missing, "corrected-prediction": null } },
    ]);
    expect(first).toMatchObject({ ok: true, example: { overall: 3 } });
    expect(answers(first)![1 as never]).toContain(
      "1. Completeness: An answer that was asked for is missing. \\boxed{0}\n2. Support:",
    );
  });
});

const shared = sharedDataPath();
if (shared === undefined)
  console.warn("records: the real ones are skipped, there is no shared data (set CERM_SHARED_DATA)");

describe.skipIf(shared === undefined)("the real records", () => {
  /** Records that share a prompt with an evaluation set, as `<folder>/<file>#<row>`. */
  let overlapping: string[];
  beforeAll(async () => {
    const file = join(shared!, "preferences", "overlap.json");
    const found = JSON.parse(await readFile(file, "utf8")) as {
      checkable_with_shared_data: Record<string, { overlap: Record<string, number[]> }>;
    };
    overlapping = Object.entries(found.checkable_with_shared_data).flatMap(([name, { overlap }]) =>
      Object.values(overlap).flatMap((rows) => rows.map((row) => `${name}#${row}`)),
    );
    expect(overlapping).toContain("infobench/GPT4_DecomposeEval.jsonl.gz#4");
  });

  test.each(recordSources)("$name: everything fits the pack and is read back by its parsers", async (source) => {
    const examples: ColdStartExample[] = [];
    for (const file of source.files)
      for await (const conversion of source.convert(join(shared!, "preferences", file), { pack, countTokens }))
        if (conversion.ok) examples.push(conversion.example);
    expect(examples.length).toBeGreaterThan(25);
    for (const { id } of examples) expect(overlapping).not.toContain(`${source.name}/${id.split("/")[0]}`);
    const { min, max, descriptionTokens, termTokens } = pack.form.criteria;
    for (const { messages, overall, response = "", train } of examples) {
      const criteria = parseCriteria(pack, messages[1]!.content, "stop");
      if (!criteria.ok) throw new Error(criteria.detail);
      const { items } = criteria.criteria;
      expect(items.length).toBeGreaterThanOrEqual(min);
      expect(items.length).toBeLessThanOrEqual(max);
      for (const { term, description } of items) {
        expect(countTokens(term)).toBeLessThanOrEqual(termTokens);
        expect(countTokens(description)).toBeLessThanOrEqual(descriptionTokens);
        expect(description).not.toBe("");
      }
      expect(messages).toHaveLength(overall === undefined ? 2 : 4);
      expect(train.includes(2)).toBe(overall !== undefined);
      if (overall === undefined) continue;
      const answer = {
        text: messages[3]!.content,
        finishReason: "stop" as const,
        criteria: criteria.criteria,
        response,
      };
      const evaluation = parseEvaluation(pack, answer);
      if (!evaluation.ok) throw new Error(evaluation.detail);
      expect(evaluation.evaluation.overall).toBe(overall);
      expect(evaluation.evaluation.criterionScores.every(({ score }) => score !== undefined)).toBe(true);
    }
  });
});
