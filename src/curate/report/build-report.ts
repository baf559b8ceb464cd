import { presets } from "../../data/presets/presets.ts";
import type { OutputParts, WrittenOutputs } from "../output/write-outputs.ts";
import type { RowStore } from "../rows/row-store.ts";
import type { CurateReport, Distribution, InputReport, Kind, LengthBias, StageReport } from "./report.ts";

type Counts = Record<string, bigint>;

/** Everything that can be said of a finished run, from its database. */
export async function buildReport(parts: OutputParts, outputs: WrittenOutputs): Promise<CurateReport> {
  const { rows, recipe, run } = parts;
  return {
    kind: "curate-report",
    version: 1,
    name: recipe.name,
    description: recipe.description ?? null,
    run: run.run,
    hash: outputs.hash,
    seed: recipe.seed,
    tokens: tokensTitle(parts),
    inputs: await inputsOf(parts),
    stages: await stagesOf(parts),
    splits: await splitsOf(rows, outputs),
    lengths: {
      prompt: await doubling(rows, "prompt_characters"),
      chosen: await doubling(rows, "chosen_characters"),
      rejected: await doubling(rows, "rejected_characters"),
    },
    lengthBias: await lengthBias(rows),
    domains: await kinds(rows, "coalesce(domain, '(none)')"),
    sources: await kinds(rows, "source"),
    turns: await kinds(rows, "CASE WHEN turns = 1 THEN '1 message' ELSE turns || ' messages' END"),
    strength: await strengths(rows),
  };
}

/** How tokens are counted. The tokenizer's file is the last of those that the run's stages use. */
function tokensTitle({ recipe, run }: OutputParts): string {
  if (recipe.tokens === "characters") return "characters / 4";
  const { name, sha256 } = run.references.at(-1)!;
  return `by the model's tokenizer (${name}, SHA-256 ${sha256.slice(0, 12)}...)`;
}

async function inputsOf({ rows, recipe, run }: OutputParts): Promise<InputReport[]> {
  const pairs = await rows.query<Counts & { input: number }>(
    `SELECT input, ${beforeAfter} FROM rows GROUP BY input ORDER BY input`,
  );
  const unread = await rows.query<{ input: number; kind: string; reason: string; total: number }>(
    "SELECT input, kind, reason, total FROM unread ORDER BY rowid",
  );
  return recipe.inputs.map((input, index) => {
    const own = unread.filter((one) => one.input === index);
    const shapes = own.filter(({ kind }) => kind === "preset").map(({ reason }) => reason);
    const preset = shapes.length === 1 ? presets.find(({ name }) => name === shapes[0]) : undefined;
    return {
      name: input.name,
      licence: input.licence ?? preset?.licence ?? null,
      url: preset?.url || null,
      caveat: preset?.caveat ?? null,
      files: run.inputs[index]!.files,
      pairs: numbers(pairs.find((one) => one.input === index)),
      none: own
        .filter(({ kind }) => kind === "none")
        .map(({ reason, total }) => ({ reason, rows: total }))
        .sort((a, b) => b.rows - a.rows || (a.reason < b.reason ? -1 : 1)),
      broken: own.filter(({ kind }) => kind === "broken").reduce((sum, { total }) => sum + total, 0),
      faults: own.filter(({ kind }) => kind === "fault").map(({ reason }) => reason),
    };
  });
}

async function stagesOf({ rows, recipe, records }: OutputParts): Promise<StageReport[]> {
  const reasons = await rows.query<{ stage: number; reason: string; rows: bigint }>(
    "SELECT stage, reason, count(*) AS rows FROM drops GROUP BY stage, reason ORDER BY stage, rows DESC, reason",
  );
  const unread = await rows.query<{ reason: string; rows: bigint }>(
    "SELECT CASE kind WHEN 'broken' THEN 'cannot be read' ELSE reason END AS reason, sum(total)::BIGINT AS rows FROM unread WHERE kind IN ('none', 'broken') GROUP BY 1 ORDER BY rows DESC, 1",
  );
  return records.map(({ stage, name, before, after, notes }) => ({
    name,
    before,
    after,
    reasons: (stage === 0 ? unread : reasons.filter((one) => one.stage === stage)).map((one) => ({
      reason: one.reason,
      rows: Number(one.rows),
    })),
    settings: recipe.stages[stage - 1]?.settings ?? null,
    notes,
  }));
}

async function splitsOf(rows: RowStore, outputs: WrittenOutputs): Promise<CurateReport["splits"]> {
  const clusters = await rows.query<{ split: string; clusters: bigint }>(
    "SELECT split, count(DISTINCT cluster) AS clusters FROM splits GROUP BY split",
  );
  return outputs.splits.map(({ split, rows: count, sha256 }) => {
    const found = Number(clusters.find((one) => one.split === split)?.clusters ?? 0n);
    return { split, rows: count, clusters: found === 0 ? null : found, sha256 };
  });
}

const beforeAfter = "count(*) AS before, count(*) FILTER (stage = 0) AS after";

function numbers(counts: Counts | undefined): { before: number; after: number } {
  return { before: Number(counts?.before ?? 0n), after: Number(counts?.after ?? 0n) };
}

/** Counts over ranges that double: from 0, 1, 2, 4, ... */
async function doubling(rows: RowStore, column: string): Promise<Distribution> {
  const found = await rows.query<Counts & { bin: number }>(
    `SELECT CASE WHEN ${column} = 0 THEN -1 ELSE floor(log2(${column}))::INTEGER END AS bin, ${beforeAfter} FROM rows GROUP BY bin ORDER BY bin`,
  );
  const [first, last] = [found[0]?.bin ?? 0, found.at(-1)?.bin ?? 0];
  return {
    bins: Array.from({ length: last - first + 1 }, (_, index) => {
      const bin = first + index;
      const low = bin === -1 ? 0 : 2 ** bin;
      return { low, high: 2 ** (bin + 1), ...numbers(found.find((one) => one.bin === bin)) };
    }),
  };
}

async function lengthBias(rows: RowStore): Promise<LengthBias[]> {
  const longer = "greatest(chosen_characters, rejected_characters)";
  const count = (test: string, name: string) =>
    `count(*) FILTER (${test}) AS ${name}_before, count(*) FILTER (${test} AND stage = 0) AS ${name}_after`;
  const found = await rows.query<Counts & { bin: number }>(
    `SELECT floor(log2(greatest(1, ${longer})))::INTEGER AS bin, ${count("chosen_characters > rejected_characters", "chosen")}, ${count("chosen_characters < rejected_characters", "rejected")} FROM rows GROUP BY bin ORDER BY bin`,
  );
  return found.map((one) => ({
    low: 2 ** one.bin,
    high: 2 ** (one.bin + 1),
    before: { chosen: Number(one.chosen_before), rejected: Number(one.rejected_before) },
    after: { chosen: Number(one.chosen_after), rejected: Number(one.rejected_after) },
  }));
}

async function kinds(rows: RowStore, expression: string): Promise<Kind[]> {
  const found = await rows.query<Counts & { name: string }>(
    `SELECT ${expression} AS name, ${beforeAfter} FROM rows GROUP BY name ORDER BY before DESC, name`,
  );
  return found.map((one) => ({ name: one.name, ...numbers(one) }));
}

async function strengths(rows: RowStore): Promise<Distribution | null> {
  const found = await rows.query<Counts & { bin: number }>(
    `SELECT least(9, floor(strength * 10 + 1e-9)::INTEGER) AS bin, ${beforeAfter} FROM rows WHERE strength IS NOT NULL GROUP BY bin ORDER BY bin`,
  );
  if (found.length === 0) return null;
  return {
    bins: Array.from({ length: 10 }, (_, bin) => ({
      low: bin / 10,
      high: (bin + 1) / 10,
      ...numbers(found.find((one) => one.bin === bin)),
    })),
  };
}
