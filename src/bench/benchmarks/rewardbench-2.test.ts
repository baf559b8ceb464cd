import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { listOf, parquetOf, text } from "../../data/parquet-test-helpers.ts";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { scoreBenchmark } from "../score-benchmark.ts";
import { loadAll, scoreWith, sectionValues, writeRows } from "../test-helpers.ts";
import { rewardbench2 } from "./rewardbench-2.ts";

// Rows written by hand in the documented shape.
const row = (id: string, subset: string, correct = 1, wrong = 3) => ({
  ...{ id, prompt: "q", subset, num_correct: correct, total_completions: correct + wrong },
  chosen: Array.from({ length: correct }, (_, n) => `c${n}`),
  rejected: Array.from({ length: wrong }, (_, n) => `r${n}`),
});
const rows = [
  ...["Factuality", "Precise IF", "Math", "Safety", "Focus"].map((subset, n) => row(String(n), subset)),
  ...[row("ref:0", "Ties"), row("tied:0", "Ties", 3, 2), row("ref:1", "Ties", 1, 2), row("tied:1", "Ties", 2, 1)],
];
const scores = [
  ...[
    [8, 7, 7, 1],
    [8, 8, 3, 1],
    [8, 8, 8, 1],
    [8, 8, 8, 8],
    [7, 8, 8, 8],
  ],
  ...[
    [9, 3, 4, 2],
    [9, 8, 8, 4, 3],
    [7, 5, 6],
    [9, 5, 4],
  ],
];

it("is the mean of six subsets, Ties by its formula", async () => {
  const path = await writeRows(await temporaryFolder(), "test.jsonl", rows);
  const result = await scoreWith(rewardbench2, path, (_, index) => scores[index]!);
  expect(sectionValues(result)).toMatchObject({
    Factuality: 1,
    "Precise IF": 1 / 2,
    Math: 1 / 3,
    Safety: 1 / 4,
    Focus: 0,
  });
  expect(sectionValues(result).Ties).toBeCloseTo(0.801799529006, 11);
  const rules = new Map(result.subsets.map(({ name, tieRule }) => [name, tieRule]));
  expect(rules.get("Math")).toContain("1/k");
  expect(rules.get("Ties")).toContain("strict between correct and wrong");
  expect(result.sections.find(({ name }) => name === "Math")).toMatchObject({
    ...{ strict: 1 / 3, half: expect.closeTo(2 / 3, 12), tieRate: 2 / 3 },
  });
  expect(result.headline.value).toBeCloseTo((1 + 1 / 2 + 1 / 3 + 1 / 4 + 0.801799529006) / 6, 11);
});

it("takes a failed rating as -1 in Ties, where it can only help on a wrong response", async () => {
  const path = await writeRows(await temporaryFolder(), "test.jsonl", [
    row("ref:0", "Ties", 1, 1),
    row("tied:0", "Ties", 2, 1),
  ]);
  const wrongFailed = await scoreWith(
    rewardbench2,
    path,
    (_, n) =>
      [
        [5, null],
        [5, 5, null],
      ][n]!,
  );
  expect(wrongFailed.sections.find(({ name }) => name === "Ties")!.value).toBeCloseTo(1.01, 12);
  const correctFailed = await scoreWith(
    rewardbench2,
    path,
    (_, n) =>
      [
        [5, 1],
        [5, null, 1],
      ][n]!,
  );
  expect(correctFailed.details.ties).toMatchObject({ accuracyTied: 0, accuracyRef: 1 });
  expect(correctFailed.unscored).toMatchObject({ responses: 1, items: 1 });
  expect(correctFailed.headline.value).toBeNull();
});

it("takes the number of a list of one in a scores file", async () => {
  const folder = await temporaryFolder();
  const data = await writeRows(folder, "test.jsonl", [row("0", "Math")]);
  const file = join(folder, "s.jsonl");
  await writeFile(file, JSON.stringify({ item: "test.jsonl#0", scores: [[3], 1, [2], 3] }));
  const result = await scoreBenchmark(rewardbench2, { data, scores: file });
  expect(sectionValues(result).Math).toBe(0.5);
});

it("reads the official file's format, Parquet with lists of text", async () => {
  const { id, prompt, subset, num_correct, chosen, rejected } = row("tied:4", "Ties", 2, 1);
  const columns = [
    { schema: text("id"), data: [id] },
    { schema: text("prompt"), data: [prompt] },
    { schema: text("subset"), data: [subset] },
    {
      schema: [{ name: "num_correct", type: "INT64", repetition_type: "OPTIONAL" } as const],
      data: [BigInt(num_correct)],
    },
    { schema: listOf("chosen", text("element")), data: [chosen] },
    { schema: listOf("rejected", text("element")), data: [rejected] },
  ];
  const path = join(await temporaryFolder(), "test.parquet");
  await writeFile(path, parquetOf(columns));
  expect(await loadAll(rewardbench2, path)).toMatchObject([
    { key: "test.parquet#0", responses: [{ text: "c0" }, { text: "c1" }, { text: "r0" }], label: { correct: 2 } },
  ]);
});

it("keeps the partners of Ties in one cluster", async () => {
  const path = await writeRows(await temporaryFolder(), "test.jsonl", rows);
  expect((await loadAll(rewardbench2, path)).map(({ cluster }) => cluster)).toEqual([
    ...Array(5).fill(undefined),
    ...["Ties:0", "Ties:0", "Ties:1", "Ties:1"],
  ]);
});

it("counts partners that a bootstrap draws twice as two pairs", async () => {
  const path = await writeRows(await temporaryFolder(), "test.jsonl", rows);
  const ties = (await loadAll(rewardbench2, path)).flatMap((item, index) =>
    item.cluster === "Ties:0" ? [{ item, scores: scores[index]! }] : [],
  );
  const again = ties.map((each) => ({ ...each, item: { ...each.item, cluster: "Ties:0 (draw 2)" } }));
  const once = rewardbench2.score(ties).details.ties;
  const twice = rewardbench2.score([...ties, ...again]).details.ties;
  expect(once).toMatchObject({ partners: 1 });
  expect(twice).toEqual({ ...(once as object), partners: 2 });
});

it.each<[string, object, string]>([
  ["a subset outside its set", row("1", "Facts"), 'subset: row 0 (from 0): expected "Factuality" or'],
  [
    "an id of no Ties prompt",
    row("3", "Ties"),
    'id: row 0 (from 0): expected ref:<number> or tied:<number> in the subset Ties, got "3"',
  ],
  [
    "a count that is not that of the responses",
    { ...row("1", "Math"), num_correct: 2 },
    "num_correct: row 0 (from 0): expected 1",
  ],
  [
    "two correct responses outside Ties",
    row("1", "Math", 2),
    "num_correct: row 0 (from 0): expected 1 in the subset Math, got 2",
  ],
  [
    "a response that is no text",
    { ...row("1", "Math"), rejected: ["a", 5] },
    "rejected[1]: row 0 (from 0): expected text, got 5",
  ],
])("refuses %s", async (_what, bad, message) => {
  const path = await writeRows(await temporaryFolder(), "test.jsonl", [bad]);
  await expect(loadAll(rewardbench2, path)).rejects.toThrow(`test.jsonl, line 1, ${message}`);
});
