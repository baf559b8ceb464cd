import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { sharedDataPath } from "../../../test/shared-data.ts";
import type { Message } from "../../core/message.ts";
import { readPreferences } from "../../data/read-preferences.ts";
import { readRows } from "../../data/read-rows.ts";
import { contaminationFinder } from "./find-contamination.ts";
import { readReferences } from "./read-references.ts";
import { indexReferences, type ReferenceIndex } from "./reference-index.ts";

const shared = sharedDataPath();
if (shared === undefined && process.env.CI !== undefined)
  throw new Error("there is no shared data: put it beside the repository, or name it in CERM_SHARED_DATA");
if (shared === undefined) console.warn("overlap: skipped, there is no shared data (set CERM_SHARED_DATA)");

interface Overlap {
  checkable_with_shared_data: Record<string, { rows: number; overlap: Record<string, number[]> }>;
}

type Row = Record<string, unknown>;

/** The prompt of a row, for files that are no preference data, or in which some rows are ties and hold no pair. */
const prompts: Record<string, (row: Row) => string> = {
  "auto-j/testdata_pairwise.jsonl.gz": ({ prompt }) => prompt as string,
  "pandalm/testset-v1.json": withInput,
  "auto-j/single_traindata.jsonl.gz": ({ usrmsg }) => /\[Query\]:(.*?)\*\*\*/s.exec(usrmsg as string)![1]!,
  "auto-j/single_independent/usescenario.jsonl.gz": ({ meta }) => (meta as Row).prompt as string,
  "auto-j/single_independent/noscenario.jsonl.gz": ({ meta }) => (meta as Row).prompt as string,
  "auto-j/scenario_classifier_data/traindata.jsonl.gz": withInput,
  "auto-j/scenario_classifier_data/testdata.jsonl.gz": withInput,
  "infobench/GPT4_DecomposeEval.jsonl.gz": withInput,
};

function withInput({ instruction, input }: Row): string {
  return typeof input === "string" && input !== "" ? `${instruction}\n${input}` : (instruction as string);
}

describe.skipIf(shared === undefined)("rows known to overlap with evaluation sets", async () => {
  const folder = shared ?? "";
  const overlap =
    shared === undefined
      ? { checkable_with_shared_data: {} }
      : (JSON.parse(await readFile(join(folder, "preferences/overlap.json"), "utf8")) as Overlap);
  const files = Object.entries(overlap.checkable_with_shared_data).filter(
    ([, { overlap: sets }]) => Object.keys(sets).length > 0,
  );
  let index: ReferenceIndex;

  beforeAll(async () => {
    const benchmarks = [
      { name: "judgebench", path: join(folder, "judgebench") },
      { name: "rm-bench", path: join(folder, "rm-bench") },
      { name: "llmbar", path: join(folder, "llmbar/LLMBar") },
      { name: "llmbar", path: join(folder, "llmbar/Processed") },
      { name: "pairs", path: join(folder, "hh-rlhf") },
    ];
    const arena = ["v0.1", "v2.0"].map((version) => join(folder, `arena-hard/arena-hard-${version}/question.jsonl`));
    const settings = {
      benchmarks,
      data: [],
      files: [{ path: arena, columns: ["prompt"], responses: [], name: "arena-hard" }],
    };
    index = await indexReferences(readReferences(settings, benchmarks), 13);
  });

  test.each(files)("%s: all are found", async (file, { overlap: sets }) => {
    const find = contaminationFinder(index.shared);
    const found = new Set<number>();
    let rows = 0;
    for await (const { row, messages, chosen, rejected } of rowsOf(join(folder, "preferences", file), prompts[file])) {
      rows++;
      if (find({ messages, chosen, rejected }) !== undefined) found.add(row);
    }
    expect(rows).toBeGreaterThan(100);
    const known = [...new Set(Object.values(sets).flat())].sort((a, b) => a - b);
    expect(known.length).toBeGreaterThan(0);
    expect(known.filter((row) => !found.has(row))).toEqual([]);
  });
});

async function* rowsOf(
  file: string,
  promptOf: ((row: Row) => string) | undefined,
): AsyncGenerator<{ row: number; messages: Message[]; chosen: string; rejected: string }> {
  if (promptOf === undefined) {
    for await (const result of readPreferences(file))
      if (result.ok && result.pair !== undefined) yield { row: result.where.row, ...result.pair };
    return;
  }
  for await (const row of readRows(file)) {
    if (!row.ok) throw row.error;
    const messages: Message[] = [{ role: "user", content: promptOf(row.value) }];
    yield { row: row.where.row, messages, chosen: "", rejected: "" };
  }
}
