import { expect, it } from "vitest";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { loadAll, scoreWith, sectionValues, writeRows } from "../test-helpers.ts";
import { ppe } from "./ppe.ts";

// Rows written by hand in the documented shape, with four responses instead of 32.
const row = (pairs: number[][], scores = [true, false, true, false]) => ({
  ...{ question_id: "1", model_name: "m", prompt: "q", scores, mean_score: 0.5, sampled_conflict_pairs: pairs },
  ...Object.fromEntries(scores.map((_, n) => [`response_${n + 1}`, `r${n}`])),
});
const setNames = ["MMLU-Pro", "MATH", "GPQA", "IFEval", "MBPP-Plus"];

it("counts pairs from 0, turns them by correctness, and averages the five sets", async () => {
  const folder = await temporaryFolder();
  for (const name of setNames)
    await writeRows(folder, `PPE-${name}-Best-of-K/data/train.jsonl`, [
      row([
        [0, 1],
        [3, 2],
        [0, 1],
      ]),
    ]);
  const items = await loadAll(ppe, folder);
  expect(items[0]).toMatchObject({
    pairs: [
      [0, 1],
      [2, 3],
    ],
    quality: [1, 0, 1, 0],
    label: { duplicates: 1 },
  });
  expect(items.map(({ subset }) => subset).sort()).toEqual(setNames.toSorted());
  const result = await scoreWith(ppe, folder, ({ subset }) => (subset === "MATH" ? [2, 1, 1, 1] : [2, 1, 2, 1]));
  expect(sectionValues(result)).toEqual({ "MMLU-Pro": 1, MATH: 0.5, GPQA: 1, IFEval: 1, "MBPP-Plus": 1, average: 0.9 });
  expect(result.details.duplicatePairsDropped).toBe(5);
});

it("has the exact curve, its loss against the best choice, and ROC-AUC", async () => {
  const path = await writeRows(await temporaryFolder(), "gpqa.jsonl", [row([[0, 1]])]);
  const { details, headline } = await scoreWith(ppe, path, () => [1, 9, 5, 5]);
  const curves = (
    details.bestOfK as Record<string, { curve: number[]; loss: number[]; end: number; max: number; rocAuc: number }>
  ).GPQA!;
  // K = 2: of six samples, three hold the wrong best one, {2,3} is a tie (1/2), {0,2} is right, {0,3} is wrong.
  expect(curves.curve[0]).toBeCloseTo(0.5, 12);
  expect(curves.curve[1]).toBeCloseTo((0.5 + 1) / 6, 12);
  expect(curves.curve[3]).toBeCloseTo(0, 12);
  // Of the samples of two, {1,3} holds nothing right, so picking wrong there costs nothing.
  expect(curves.loss[1]).toBeCloseTo(1 - 1.5 / 6 - 1 / 6, 12);
  expect(curves.rocAuc).toBeCloseTo(0.5 / 4, 12);
  expect([curves.end, curves.max, headline.value]).toEqual([curves.curve[3], curves.curve[0], null]);
});

it.each<[string, object, string]>([
  [
    "a pair of equal correctness",
    row([[0, 2]]),
    "sampled_conflict_pairs[0]: row 0 (from 0): expected a right and a wrong response, got [0,2]",
  ],
  [
    "a pair counted from 1",
    row([[3, 4]]),
    "sampled_conflict_pairs[0]: row 0 (from 0): expected indices below 4, got [3,4]",
  ],
  [
    "a missing response",
    { ...row([]), response_3: undefined },
    "response_3: row 0 (from 0): expected text, as many as there are scores (4), got nothing",
  ],
  [
    "a response without a score",
    { ...row([]), response_5: "x" },
    "scores: row 0 (from 0): expected one for every response, got 4 and a field response_5",
  ],
  [
    "a score that is no label",
    { ...row([]), scores: [true, 0.5] },
    "scores[1]: row 0 (from 0): expected true or false, got 0.5",
  ],
])("refuses %s", async (_what, bad, message) => {
  const path = await writeRows(await temporaryFolder(), "math.jsonl", [bad]);
  await expect(loadAll(ppe, path)).rejects.toThrow(`math.jsonl, line 1, ${message}`);
});

it("refuses a file whose set is not known", async () => {
  const path = await writeRows(await temporaryFolder(), "x.jsonl", [row([])]);
  await expect(loadAll(ppe, path)).rejects.toThrow("expected a file or folder named after one of MMLU-Pro, MATH");
});
