import { expect, it } from "vitest";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { loadAll, scoreWith, sectionValues, writeRows } from "../test-helpers.ts";
import { judgebench } from "./judgebench.ts";

// Rows written by hand in the documented shape.
const row = (source: string, label: string, model = "gpt-4o-2024-05-13") => ({
  ...{
    pair_id: "p",
    original_id: 3,
    source,
    question: "q",
    response_model: model,
    response_A: "a",
    response_B: "b",
    label,
  },
});

it("weighs pairs, not categories, and gives nothing for ties in either label", async () => {
  const rows = [
    row("mmlu-pro-law", "A>B"),
    row("mmlu-pro-math", "B>A"),
    row("mmlu-pro-law", "B>A"),
    row("livecodebench", "B>A"),
  ];
  const path = await writeRows(await temporaryFolder(), "x.jsonl", rows);
  const result = await scoreWith(
    judgebench,
    path,
    (_, n) =>
      [
        [2, 1],
        [1, 2],
        [3, 3],
        [null, 5],
      ][n]!,
  );
  expect(sectionValues(result)).toEqual({ knowledge: 2 / 3, reasoning: null, math: null, coding: 0, overall: 0.5 });
  expect(result.headline.value).toBe(0.5);
  expect(result.pairs).toEqual({ count: 4, strict: 0.5, half: 0.625, tieRate: 0.25 });
  // In one order the tie is right, since it counts as B>A.
  expect(result.details.oneOrder).toMatchObject({ "gpt-4o-2024-05-13": { value: 0.75 } });
});

it("reports the sets of two models apart, the one that papers quote first", async () => {
  const folder = await temporaryFolder();
  await writeRows(folder, "a.jsonl", [row("livebench-math", "A>B", "claude-3-5-sonnet-20240620")]);
  await writeRows(folder, "b.jsonl", [row("livebench-math", "A>B")]);
  const result = await scoreWith(judgebench, folder, (item) => (item.key.startsWith("b") ? [2, 1] : [1, 2]));
  expect(sectionValues(result)).toMatchObject({
    "gpt-4o-2024-05-13 overall": 1,
    "claude-3-5-sonnet-20240620 overall": 0,
  });
  expect(result.headline).toMatchObject({ value: 1, items: 1, name: expect.stringContaining("gpt-4o-2024-05-13") });
});

it.each([
  ["A=B", "mmlu-pro-law", 'x.jsonl, line 1, label: row 0 (from 0): expected "A>B" or "B>A", got "A=B"'],
  ["A>B", "trivia", "x.jsonl, line 1, source: row 0 (from 0): expected one that begins with mmlu-pro"],
])("refuses the label %s with source %s", async (label, source, message) => {
  const path = await writeRows(await temporaryFolder(), "x.jsonl", [row(source, label)]);
  await expect(loadAll(judgebench, path)).rejects.toThrow(message);
});
