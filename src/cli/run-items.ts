import { availableParallelism } from "node:os";
import { InputError } from "../core/errors.ts";
import type { ItemResult, JudgeItem } from "../data/item.ts";
import { openResults, type ResultsFile } from "../data/open-results.ts";
import { readRows } from "../data/read-rows.ts";
import type { RunSettings } from "../data/run-sidecar.ts";
import type { OpenedJudge } from "../judge/open-judge.ts";
import { commandItems, type ItemFlags } from "./item-options.ts";
import { Progress } from "./progress.ts";
import type { Terminal } from "./terminal.ts";

type GoodItem = Extract<ItemResult, { ok: true }>;

/** What one item came to. */
export interface ItemOutcome {
  /** For results files and programs. */
  record: { id: string } & Record<string, unknown>;
  /** For people. */
  text: () => string;
  /** Whether something in it could not be scored. */
  unscored: boolean;
}

export interface RunItemsOptions {
  label: string;
  file: string | undefined;
  flags: ItemFlags;
  queryOnly: boolean;
  judge: OpenedJudge;
  /** What results depend on besides the judge: a results file of other settings is not continued. */
  settings: RunSettings;
  work: (item: JudgeItem, signal: AbortSignal) => Promise<ItemOutcome>;
  terminal: Terminal;
  signal: AbortSignal;
}

/**
 * Reads items, works on many at once, and writes outcomes in the order of the input. Faulty rows are reported and the
 * rest goes on. Returns the exit code: 0 done, 2 faulty input, 3 something unscored.
 */
export async function runItems(options: RunItemsOptions): Promise<number> {
  const { flags, judge, terminal, signal } = options;
  const results =
    flags.out === undefined
      ? undefined
      : await openResults(flags.out, {
          settings: judgeSettings(options),
          retry: flags.retryFailed ? engineFailed : undefined,
          signal,
        });
  const progress = new Progress(options.label, { enabled: terminal.progress });
  const counts = { faulty: 0, skipped: 0, done: 0, unscored: 0 };
  const counted = new AbortController();
  countRows(options, progress, counts, AbortSignal.any([signal, counted.signal]));
  try {
    const outcomes = judge.runAll(pending(options, results, counts, progress), worker(options), { signal });
    for await (const outcome of outcomes) {
      if (outcome instanceof InputError) {
        counts.faulty++;
        if (progress.total !== undefined) progress.total--;
        terminal.note(`error: ${outcome.message}`);
        continue;
      }
      await write(outcome, results, options);
      counts.done++;
      progress.done++;
      if (outcome.unscored) counts.unscored++;
      progress.note = counts.unscored === 0 ? "" : `${counts.unscored} unscored`;
    }
  } finally {
    counted.abort();
    progress.stop();
    await results?.close();
  }
  report(counts, options);
  return counts.faulty > 0 ? 2 : counts.unscored > 0 ? 3 : 0;
}

async function* pending(
  options: RunItemsOptions,
  results: ResultsFile | undefined,
  counts: { faulty: number; skipped: number },
  progress: Progress,
): AsyncGenerator<GoodItem> {
  for await (const result of commandItems(options.file, options.flags, options)) {
    if (!result.ok) {
      counts.faulty++;
      if (progress.total !== undefined) progress.total--;
      options.terminal.note(`error: ${result.error.message}`);
    } else if (results?.has(result.item.id)) {
      counts.skipped++;
      if (progress.total !== undefined) progress.total--;
    } else yield result;
  }
}

/** The work on an item; what is wrong with the item itself comes back as a value that says where it stands. */
function worker({
  work,
}: RunItemsOptions): (result: GoodItem, signal: AbortSignal) => Promise<ItemOutcome | InputError> {
  return async ({ item, where }, signal) => {
    try {
      return await work(item, signal);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const place = where.line === undefined ? `row ${where.row} (from 0): ` : "";
      const problem =
        error.where.field === undefined ? error.message : error.message.replace(`${error.where.field}: `, "");
      return new InputError(place + problem, { file: where.file, line: where.line, field: error.where.field });
    }
  };
}

/** Whether something in a result is missing because the engine failed: another try may give it. */
function engineFailed(result: Record<string, unknown>): boolean {
  const parts = [result.responses, result.criteria].flatMap((part) => (Array.isArray(part) ? part : []));
  return parts.some((part: { unscored?: { reason?: string } }) => part.unscored?.reason === "engine-error");
}

async function write(outcome: ItemOutcome, results: ResultsFile | undefined, options: RunItemsOptions): Promise<void> {
  const { flags, terminal } = options;
  if (results !== undefined) await results.append(outcome.record);
  const forPeople = flags.text || (terminal.interactive && !flags.json);
  if (forPeople && (results === undefined || flags.text)) await terminal.print(`${outcome.text()}\n`);
  else if (!forPeople && (results === undefined || flags.json)) await terminal.print(JSON.stringify(outcome.record));
}

function report(
  counts: { faulty: number; skipped: number; done: number; unscored: number },
  options: RunItemsOptions,
): void {
  const { flags, terminal } = options;
  const parts = [`${counts.done} done`];
  if (counts.skipped > 0) parts.push(`${counts.skipped} were there already`);
  if (counts.unscored > 0) parts.push(`${counts.unscored} with something unscored`);
  if (counts.faulty > 0) parts.push(`${counts.faulty} faulty rows left out`);
  const quiet = flags.out === undefined && parts.length === 1;
  if (!quiet)
    terminal.note(`${options.label}: ${parts.join(", ")}${flags.out === undefined ? "" : ` -> ${flags.out}`}`);
}

/** Everything that decides what a result is; differing settings are named when a file is continued with others. */
function judgeSettings({ judge, settings }: RunItemsOptions): RunSettings {
  const { engine, pack, mode, score, criteriaSamples, evaluations, temperature, topP, seed, maxTokens } =
    judge.settings;
  return {
    ...settings,
    model: engine.identity,
    guided: engine.capabilities.forms,
    pack: pack.identity,
    ...{ mode, score, criteriaSamples, evaluations, temperature, topP, seed, maxTokens },
  };
}

/** Counts the rows beside the work, so that progress can tell the time left. */
function countRows(
  { file, flags, terminal }: RunItemsOptions,
  progress: Progress,
  counts: { skipped: number; faulty: number },
  signal: AbortSignal,
): void {
  if (!terminal.progress || file === undefined || file === "-" || availableParallelism() < 2) return;
  void (async () => {
    let rows = 0;
    for await (const _ of readRows(file, { format: flags.format, signal })) rows++;
    progress.total = Math.min(rows - counts.faulty, flags.limit ?? rows) - counts.skipped;
  })().catch(() => {});
}
