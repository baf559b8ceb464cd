import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { queryFromText } from "../../core/query.ts";
import { loadPack } from "../../prompts/load-pack.ts";
import { readConversations } from "../sft/read-conversations.ts";
import { type ConvertRecordsOptions, convertRecords } from "./convert-records.ts";
import { openContamination } from "./open-contamination.ts";
import { type RecordSource, skipped } from "./records/record-source.ts";
import { writeExample } from "./write-answers.ts";

const pack = await loadPack("compact");
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "cerm-convert-"));
  await mkdir(join(root, "data"));
  await writeFile(join(root, "data", "a.txt"), "");
  // A benchmark of one pair.
  await mkdir(join(root, "bench", "llmbar", "Natural"), { recursive: true });
  const item = {
    input: "Which river flows through Vienna in Austria?",
    output_1: "The Danube.",
    output_2: "The Rhine.",
    label: 1,
  };
  await writeFile(join(root, "bench", "llmbar", "Natural", "dataset.json"), JSON.stringify([item]));
});
afterAll(() => rm(root, { recursive: true }));

const questions = [
  "Which river flows through Vienna in Austria?",
  "Which river flows through London?",
  "Name a mountain of Italy.",
];

/** A source with an evaluation of every score for each question, and a record that gives nothing. */
const source: RecordSource = {
  ...{ name: "made-up", licence: "MIT", origin: "a test", files: ["a.txt"], teaches: "criteria and evaluation" },
  async *convert() {
    yield skipped("x", "of no use");
    for (const [index, question] of questions.entries())
      for (const overall of [2, 8]) {
        const score = { score: overall / 2, rationale: "Because." };
        const example = writeExample(pack, {
          ...{ id: `${index}/${overall}`, source: "made-up", query: queryFromText(question) },
          criteria: ["Accuracy", "Brevity", "Clarity"].map((term) => ({
            term,
            description: `How good its ${term} is`,
          })),
          evaluation: {
            response: `Response of ${overall}.`,
            criteria: [score, score, score],
            overall: { ...score, score: overall },
          },
        });
        yield { ok: true, example: example! };
      }
  },
};

let out: string;
let count = 0;
beforeEach(() => {
  out = join(root, `out-${count++}`);
});
const convert = (options: Partial<ConvertRecordsOptions> = {}) =>
  convertRecords({
    ...{
      data: join(root, "data"),
      sources: [source],
      pack,
      out,
      tokenizer: "words",
      maxTokens: 1000,
      heldOutShare: 0,
      seed: 0,
    },
    countTokens: (text) => text.split(" ").length,
    ...options,
  });

describe("converting records", () => {
  test("writes conversations that training reads, and a report", async () => {
    const report = await convert();
    expect(report.sources).toEqual([
      { name: "made-up", licence: "MIT", origin: "a test", records: 7, examples: 6, without: { "of no use": 1 } },
    ]);
    expect(report.train).toMatchObject({
      conversations: 6,
      teaching: { criteria: 3, evaluation: 6 },
      byOverall: { 2: 3, 8: 3 },
    });
    const conversations = await readConversations(join(out, "train.jsonl"));
    expect(conversations.map(({ id, train, messages }) => [id, train, messages.length])).toContainEqual([
      "made-up/1/8",
      [2],
      4,
    ]);
    const text = await readFile(join(out, "report.md"), "utf8");
    expect(text).toContain("| made-up | MIT | a test | 7 | 6 | 1 of no use |");
    expect(text).toContain("Compared with no evaluation set.");
    expect(text).toContain("    assistant: 1. Accuracy: Because. \\boxed{1}");
  });

  test("leaves out what benchmarks ask, by the data in their folders", async () => {
    const contamination = await openContamination({ benchmarks: [join(root, "bench")], pairs: [] });
    expect(contamination.missing).toContain("rm-bench");
    const report = await convert({ contamination });
    expect(report.excluded["touches an evaluation set"]).toBe(2);
    expect(report.comparedWith.sets).toEqual({ llmbar: 1 });
    expect(await readFile(join(out, "train.jsonl"), "utf8")).not.toContain("Vienna");
  });

  test("leaves out what held-out pairs ask", async () => {
    const file = join(root, "held.jsonl");
    const messages = [{ role: "user", content: "Which river flows through London?" }];
    await writeFile(file, JSON.stringify({ id: "h", messages, chosen: "The Thames.", rejected: "The Rhine." }));
    const contamination = await openContamination({ benchmarks: [], pairs: [file] });
    const report = await convert({ contamination });
    expect(report.excluded["touches an evaluation set"]).toBe(2);
    expect(report.comparedWith.sets).toEqual({ "held.jsonl": 1 });
    expect(await readFile(join(out, "train.jsonl"), "utf8")).not.toContain("London");
  });

  test("gives equal files for equal input", async () => {
    const files = async () =>
      Promise.all(
        ["train.jsonl", "held-out.jsonl", "report.json", "report.md"].map((name) => readFile(join(out, name), "utf8")),
      );
    await convert({ heldOutShare: 0.4, tokenBudget: 400 });
    const first = await files();
    await convert({ heldOutShare: 0.4, tokenBudget: 400 });
    expect(await files()).toEqual(first);
  });

  test("says which file is missing, and when nothing is left", async () => {
    await expect(convert({ data: root })).rejects.toThrow("a.txt: is not there, and made-up needs it");
    await expect(convert({ maxTokens: 3 })).rejects.toThrow("no example is left");
  });
});
