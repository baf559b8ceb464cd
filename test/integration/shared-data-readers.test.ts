import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type ReadItemsOptions, readItems, readRows } from "../../src/data/index.ts";
import { sharedDataPath } from "../shared-data.ts";

const folder = sharedDataPath();
if (folder === undefined) console.warn("shared-data-readers: skipped, there is no shared data (set CERM_SHARED_DATA)");

describe.skipIf(folder === undefined)("real data files", () => {
  test.each([
    ["judgebench/dataset=judgebench,response_model=gpt-4o-2024-05-13.jsonl", 350, "pair_id"],
    ["judgebench/dataset=judgebench,response_model=claude-3-5-sonnet-20240620.jsonl", 270, "pair_id"],
    ["rm-bench/chat_filtered.json", 129, "chosen"],
    ["rm-bench/code_filtered.json", 228, "language"],
    ["rm-bench/safety-refuse_filtered.json", 284, "rejected"],
    ["hh-rlhf/harmless-base.test.first-600.jsonl.gz", 600, "rejected"],
    ["llmbar/LLMBar/Natural/dataset.json", 100, "output_1"],
    ["arena-hard/arena-hard-v0.1/question.jsonl", 498, "prompt"],
    ["arena-hard/arena-hard-v2.0/question.jsonl", 749, "prompt"],
  ])("%s has %i rows", async (file, count, field) => {
    let rows = 0;
    for await (const row of readRows(join(folder!, file))) {
      if (!row.ok) throw row.error;
      expect(row.value).toHaveProperty(field);
      expect(row.where.row).toBe(rows++);
    }
    expect(rows).toBe(count);
  });

  test("a leaderboard in CSV, with commas in quotes", async () => {
    const rows = [];
    for await (const row of readRows(join(folder!, "arena-hard/leaderboard/arena_hard_leaderboard_20240731.csv")))
      rows.push(row);
    expect(rows.length).toBeGreaterThan(50);
    expect(rows[0]).toMatchObject({ ok: true, value: { model: "gpt-4-turbo-2024-04-09", CI: "(-1.88, +1.97)" } });
    expect(rows.every((row) => row.ok)).toBe(true);
  });

  test.each<[string, ReadItemsOptions["columns"], number]>([
    [
      "judgebench/dataset=judgebench,response_model=gpt-4o-2024-05-13.jsonl",
      { id: "pair_id", query: "question", responses: ["response_A", "response_B"] },
      350,
    ],
    ["rm-bench/chat_filtered.json", { query: "prompt", responses: "chosen" }, 129],
    ["llmbar/LLMBar/Natural/dataset.json", { query: "input", responses: ["output_1", "output_2"] }, 100],
  ])("%s gives items by its column names", async (file, columns, count) => {
    let items = 0;
    for await (const result of readItems(join(folder!, file), { columns })) {
      if (!result.ok) throw result.error;
      expect(result.item.responses.length).toBe(columns?.responses === "chosen" ? 3 : 2);
      items++;
    }
    expect(items).toBe(count);
  });
});
