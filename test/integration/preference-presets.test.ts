import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readPreferences } from "../../src/data/index.ts";
import { sharedDataPath } from "../shared-data.ts";

const folder = sharedDataPath();
if (folder === undefined && process.env.CI !== undefined)
  throw new Error("there is no shared data: put it beside the repository, or name it in CERM_SHARED_DATA");
if (folder === undefined) console.warn("preference-presets: skipped, there is no shared data (set CERM_SHARED_DATA)");

describe.skipIf(folder === undefined)("real preference data", () => {
  // Counts as published with the files. Pairs of one and the same response are left for curation.
  test.each([
    { path: "hh-rlhf-helpful", preset: "hh-rlhf", rows: 6238, pairs: 6190 + 36, identical: 36, none: 12, domains: 0 },
    {
      path: "auto-j/testdata_pairwise.jsonl.gz",
      preset: "auto-j",
      rows: 1183,
      pairs: 861,
      identical: 1,
      none: 322,
      domains: 58,
    },
    { path: "qa-feedback", preset: "qa-feedback", rows: 500, pairs: 2616, identical: 0, none: 12, domains: 0 },
    { path: "llmfao", preset: "llmfao", rows: 2139, pairs: 1059, identical: 0, none: 772 + 308, domains: 4 },
    { path: "pandalm", preset: "pandalm", rows: 999, pairs: 894, identical: 0, none: 105, domains: 49 },
  ])("$path", async ({ path, ...expected }) => {
    const found = new Set<string>();
    const rows = new Set<string>();
    const ids = new Set<string>();
    const domains = new Set<string>();
    let [pairs, identical, none] = [0, 0, 0];
    const source = join(folder!, "preferences", path);
    for await (const result of readPreferences(source, { onPreset: (_, { name }) => found.add(name) })) {
      if (!result.ok) throw result.error;
      rows.add(`${result.where.file}#${result.where.row}`);
      if (result.pair === undefined) none++;
      else {
        const { id, messages, chosen, rejected, source: from, strength, domain } = result.pair;
        pairs++;
        if (chosen === rejected) identical++;
        ids.add(id);
        if (domain !== undefined) domains.add(domain);
        expect(messages.at(-1)?.role).toBe("user");
        expect(from).toBe(expected.preset);
        if (strength !== undefined) expect(strength > 0 && strength <= 1).toBe(true);
      }
    }
    expect([...found]).toEqual([expected.preset]);
    expect(ids.size).toBe(pairs);
    expect({ preset: expected.preset, rows: rows.size, pairs, identical, none, domains: domains.size }).toEqual(
      expected,
    );
  });

  test("votes become strengths: LLMFAO has 318 unanimous pairs", async () => {
    let unanimous = 0;
    for await (const result of readPreferences(join(folder!, "preferences/llmfao")))
      if (result.ok && result.pair?.strength === 1) unanimous++;
    expect(unanimous).toBe(318);
  });

  test("files of criteria are no preferences, which is said for each", async () => {
    const faults: string[] = [];
    for await (const result of readPreferences(join(folder!, "preferences/writingbench")))
      if (!result.ok) faults.push(result.error.message);
    expect(faults).toHaveLength(3);
    expect(faults.every((fault) => fault.includes("no preset knows rows with "))).toBe(true);
  });
});
