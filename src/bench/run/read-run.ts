import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../../core/errors.ts";
import { readRows } from "../../data/read-rows.ts";
import type { LabelledItem, ScoredItem } from "../benchmark.ts";
import { type BenchRun, readRunFile } from "./run-file.ts";
import type { RunItem } from "./run-item.ts";

const scores = z.array(z.number().nullable());
const usage = z.object({ promptTokens: z.number(), cachedPromptTokens: z.number(), outputTokens: z.number() });
const verdict = z.enum(["A", "B", "tie"]).nullable();
const both = <T extends z.ZodType>(schema: T) => z.tuple([schema, schema]);
const note = both(z.string().nullable());

const itemLine = z.object({
  id: z.string(),
  run: z.string(),
  benchmark: z.string(),
  item: z.string(),
  subset: z.string(),
  cluster: z.string().optional(),
  input: z.object({
    messages: z.array(z.object({ role: z.enum(["system", "user", "assistant"]), content: z.string() })),
    responses: z.array(z.string()),
  }),
  quality: z.array(z.number()),
  pairs: z.array(z.tuple([z.number(), z.number()])),
  label: z.record(z.string(), z.unknown()),
  hard: scores,
  expected: scores,
  unscored: z.array(z.string().nullable()),
  // Written by this program as a whole; what reads it takes what it needs.
  judgment: z
    .custom<NonNullable<RunItem["judgment"]>>((value) => typeof value === "object" && value !== null)
    .optional(),
  pairwise: z
    .array(
      z.object({
        a: z.number(),
        b: z.number(),
        verdicts: both(verdict),
        preferred: z.number().nullable(),
        reasons: note.optional(),
        details: note.optional(),
        texts: note,
        fromStore: both(z.boolean()).optional(),
      }),
    )
    .optional(),
  usage,
  milliseconds: z.number(),
});

export interface OpenedRun {
  run: BenchRun;
  /** The items judged so far, in the order they were written; read anew each time, one at a time. */
  items: AsyncIterable<RunItem>;
}

/**
 * Opens a run directory for reading, also while it is being written or after a kill: a last line that was cut off is left
 * out. Throws `InputError` for what is no benchmark run; reading the items throws it for a damaged line.
 */
export async function readRun(directory: string): Promise<OpenedRun> {
  const run = await readRunFile(directory);
  return { run, items: { [Symbol.asyncIterator]: () => itemsOf(run) } };
}

async function* itemsOf(run: BenchRun): AsyncGenerator<RunItem> {
  const file = join(run.directory, "items.jsonl");
  let fault: InputError | undefined;
  for await (const row of readRows(file)) {
    if (fault !== undefined) throw fault;
    if (!row.ok) {
      // Only the last line may be unreadable: it was being written.
      fault = row.error;
      if (fault.where.line === undefined) throw fault;
      continue;
    }
    const parsed = itemLine.safeParse(row.value);
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!;
      throw new InputError(`not an item of a benchmark run: ${issue.message}`, {
        file,
        line: row.where.line,
        field: issue.path.join("."),
      });
    }
    const { run: own, ...item } = parsed.data;
    if (own !== run.run)
      throw new InputError(`is of the run ${own}, not of ${run.run}`, { file, line: row.where.line, field: "run" });
    yield item;
  }
}

/** Which of a vote's two numbers: the one the judge wrote, or the mean over its probabilities. */
export type ScoreKind = "hard" | "expected";

/**
 * The scores of one benchmark's items, for its own arithmetic; texts are let go of line by line. All `null` in mode
 * pairwise. Throws `InputError` for a benchmark that the run does not have.
 */
export async function scoredItems(opened: OpenedRun, score: ScoreKind, benchmark: string): Promise<ScoredItem[]> {
  const found = (await scoresByBenchmark(opened, score)).get(benchmark);
  if (found !== undefined) return found;
  const names = opened.run.benchmarks.map(({ name }) => name).join(", ");
  throw new InputError(`the run has no ${benchmark}; it has ${names}`, { file: opened.run.directory });
}

/** The same for every benchmark of the run, in its order, in one reading. */
export async function scoresByBenchmark(opened: OpenedRun, score: ScoreKind): Promise<Map<string, ScoredItem[]>> {
  const found = new Map<string, ScoredItem[]>(opened.run.benchmarks.map(({ name }) => [name, []]));
  for await (const item of opened.items)
    found.get(item.benchmark)?.push({ item: labelledItem(item), scores: item[score] });
  return found;
}

/** What the arithmetic needs of a judged item. */
export function labelledItem({ item, subset, cluster, quality, pairs, label }: RunItem): LabelledItem {
  return { key: item, subset, cluster, quality, pairs, label };
}
