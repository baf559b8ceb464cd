import { availableParallelism } from "node:os";
import { join } from "node:path";
import { deriveSeed } from "../../core/random.ts";
import { acquireFileLock } from "../../data/file-lock.ts";
import { type OpenedJudge, type OpenJudgeOptions, openJudge as openRealJudge } from "../../judge/open-judge.ts";
import { writeAbout } from "../output/write-about.ts";
import { type WrittenOutputs, writeOutputs } from "../output/write-outputs.ts";
import type { Recipe } from "../recipe/recipe.ts";
import { readInputs } from "../rows/read-inputs.ts";
import { RowStore } from "../rows/row-store.ts";
import { removeTexts } from "../rows/text-file.ts";
import { splitRows } from "../splits/split-rows.ts";
import type { Stage } from "../stages/stage.ts";
import { stages as allStages } from "../stages/stages.ts";
import { openTokenCounter, type TokenCounting, tokenizerFile } from "../text/count-tokens.ts";
import { openPool, type WorkPool } from "../work/open-pool.ts";
import { hashFiles } from "./hash-inputs.ts";
import { judgeSettings } from "./judge-settings.ts";
import { beginRun, type CurateRun } from "./run-file.ts";
import { keepRecord, readRecords, runStage, type StageRecord } from "./run-stage.ts";
import { writeStages } from "./write-stages.ts";

/** What happens during a run, for whoever watches it. */
export type CurateEvent =
  | { kind: "begin"; stage: number; name: string; of: number }
  | { kind: "progress"; stage: number; done: number; total: number | undefined }
  | { kind: "end"; record: StageRecord; resumed: boolean };

export interface CurateOptions {
  /** The run's folder. The same command goes on with the run that is in it. */
  directory: string;
  /** Threads beside the calling one. Default: the processor's cores. The outcome does not depend on it. */
  threads?: number;
  /** Of the program, for run.json. */
  version: string;
  now?: () => Date;
  signal?: AbortSignal;
  onEvent?: (event: CurateEvent) => void;
  /** Default: the judge that the recipe describes. */
  openJudge?: (options: OpenJudgeOptions) => Promise<OpenedJudge>;
  /** Default: all that there are. */
  stages?: readonly Stage[];
}

export interface CurateResult {
  run: CurateRun;
  stages: StageRecord[];
  outputs: WrittenOutputs;
  /** Rows of the inputs that could not be read, and what is wrong with the first of them, with file and row. */
  broken: { rows: number; faults: string[] };
}

/**
 * Makes a training set by a recipe: reads the inputs, runs the stages one after the other, splits and writes. Killed at any
 * moment, the same call goes on after the last finished stage; the output depends on inputs and recipe alone. Throws
 * `InputError` for inputs that cannot be used.
 */
export async function curate(recipe: Recipe, options: CurateOptions): Promise<CurateResult> {
  const { directory, signal, threads = availableParallelism(), now = () => new Date(), onEvent = () => {} } = options;
  const known = options.stages ?? allStages;
  const steps = recipe.stages.map((step) => ({ ...step, stage: known.find(({ name }) => name === step.name)! }));
  const counting: TokenCounting =
    recipe.tokens === "characters" ? { kind: "characters" } : { kind: "tokenizer", path: recipe.tokens.tokenizer };
  await openTokenCounter(counting);
  const inputs = [];
  for (const { name, path } of recipe.inputs) inputs.push({ name, files: await hashFiles(path, signal) });
  const compared = await Promise.all(steps.map(({ stage, settings }) => stage.files?.(settings) ?? []));
  const counter = counting.kind === "characters" ? [] : [await tokenizerFile(counting.path)];
  const references = await hashFiles([...new Set([...compared.flat(), ...counter])], signal);
  const about = { startedAt: now().toISOString(), version: options.version };
  const run = await beginRun(directory, { recipe, inputs, references }, about);
  const lock = await acquireFileLock(join(directory, "run.lock"), directory);
  try {
    await using rows = await RowStore.open(directory, { memoryMiB: 512, threads });
    await using pool = openPool(threads);
    const records = await readRecords(rows);
    const last = steps.length + 1;
    const report = (record: StageRecord, resumed: boolean) => onEvent({ kind: "end", record, resumed });
    for (const record of records) report(record, true);
    const step = async (stage: number, name: string, work: () => Promise<StageRecord>) => {
      if (records.some((record) => record.stage === stage)) return;
      signal?.throwIfAborted();
      onEvent({ kind: "begin", stage, name, of: last });
      const record = await work();
      records.push(record);
      await writeStages(directory, records);
      report(record, false);
    };
    const progress = (stage: number) => (done: number, total?: number) =>
      onEvent({ kind: "progress", stage, done, total });
    await step(0, "parse", () => parse(rows, recipe, { signal, progress: progress(0) }));
    for (const [index, { stage, settings, name }] of steps.entries())
      await step(index + 1, name, () =>
        runStage(rows, { stage: index + 1, name }, (drop, note) =>
          stage.run(
            {
              rows,
              pool,
              seed: deriveSeed(recipe.seed, index + 1),
              tokens: counting,
              inputs: recipe.inputs,
              openJudge: (asked) => (options.openJudge ?? openRealJudge)({ ...asked, ...judgeSettings(recipe.judge) }),
              drop,
              note,
              progress: progress(index + 1),
              signal,
            },
            settings,
          ),
        ),
      );
    await step(last, "split", () => split(rows, pool, recipe, last, signal));
    const parts = { directory, run, rows, recipe, records };
    const outputs = await writeOutputs(parts);
    const { inputs: read } = await writeAbout(parts, outputs);
    await removeTexts(directory);
    const broken = {
      rows: read.reduce((sum, input) => sum + input.broken, 0),
      faults: read.flatMap((input) => input.faults),
    };
    return { run, stages: records, outputs, broken };
  } finally {
    await lock.release();
  }
}

/** Reads the inputs: the stage before the recipe's first. */
async function parse(
  rows: RowStore,
  recipe: Recipe,
  options: { signal?: AbortSignal; progress: (done: number) => void },
): Promise<StageRecord> {
  const startedAt = performance.now();
  let record: StageRecord | undefined;
  await rows.transaction(async () => {
    const counts = await readInputs(rows, recipe, options);
    const seconds = (performance.now() - startedAt) / 1000;
    const notes = [`${counts.rows.toLocaleString("en-US")} rows read`];
    record = { stage: 0, name: "parse", before: counts.results, after: counts.pairs, notes, seconds };
    await keepRecord(rows, record);
  });
  return record!;
}

/** Gives every row that is left its split; drops none. */
async function split(
  rows: RowStore,
  pool: WorkPool,
  recipe: Recipe,
  stage: number,
  signal: AbortSignal | undefined,
): Promise<StageRecord> {
  const seed = deriveSeed(recipe.seed, stage);
  return runStage(rows, { stage, name: "split" }, (_, note) =>
    splitRows({ rows, pool, seed, splits: recipe.splits, note, signal }),
  );
}
