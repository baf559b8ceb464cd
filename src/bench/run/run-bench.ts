import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../core/errors.ts";
import { addUsage, noUsage } from "../../core/usage.ts";
import { openResults, type ResultsFile } from "../../data/open-results.ts";
import { Judge } from "../../judge/judge.ts";
import { type JudgeOptions, type JudgeSettings, resolveJudgeOptions } from "../../judge/judge-options.ts";
import { memoryStore } from "../../store/memory-store.ts";
import { asksForScore, BenchEngine, needsLogprobs, storeWithLogprobs } from "./bench-engine.ts";
import type { BenchMode } from "./bench-mode.ts";
import type { ChosenItems } from "./choose-items.ts";
import { compareItem } from "./compare-item.ts";
import { applyControl, type Control } from "./controls.ts";
import { judgeItem } from "./judge-item.ts";
import { startMetrics } from "./metrics-file.ts";
import { checkPairwiseOptions, PairwiseJudge } from "./pairwise-judge.ts";
import type { RunItem, RunTask } from "./run-item.ts";
import { benchRunSettings } from "./run-settings.ts";

export interface RunBenchOptions {
  /** Run directory; made where it is missing, continued where it has the same settings. */
  out: string;
  /** From `chooseItems`. */
  chosen: readonly ChosenItems[];
  /** The limit the items were chosen by, if any. */
  limit?: number;
  /** Engine, pack, votes and so on. Without a store, answers are kept in memory, the latest 2,000. */
  judge: Omit<JudgeOptions, "mode">;
  mode: BenchMode;
  /** Change the responses, to measure what it does to their rewards. */
  control?: Control;
  /** The program's version, for run.json. */
  version: string;
  /** Milliseconds since 1970. Default: the system's clock. */
  now?: () => number;
  /** Milliseconds between lines of metrics.jsonl. Default 5,000. */
  metricsMilliseconds?: number;
  onProgress?: (progress: BenchProgress) => void;
  signal?: AbortSignal;
}

/** How far a run is, in items. */
export interface BenchProgress {
  /** Judged by this process. */
  done: number;
  /** Already there when it began. */
  before: number;
  total: number;
  /** Of those done, with something unscored. */
  unscored: number;
}

/**
 * Judges the chosen items and appends a line for each to items.jsonl of the run directory, beside run.json (what was
 * asked) and metrics.jsonl (how it went). Killed at any moment it loses what was in flight; called again it goes on.
 * Throws `InputError` for a directory of other settings, naming what differs, and for one that another process writes.
 */
export async function runBench(options: RunBenchOptions): Promise<BenchProgress> {
  const { out, chosen, mode, control, limit, signal, now = Date.now } = options;
  const { settings, engine, logprobs, runAll } = benchJudge(options.judge, mode);
  await refuseOtherRun(out);
  const results = await openResults(join(out, "items.jsonl"), {
    settings: benchRunSettings({ chosen, judge: settings, mode, logprobs, limit, control }),
    sidecar: join(out, "run.json"),
    about: {
      kind: "bench",
      format: 1,
      startedAt: new Date(now()).toISOString(),
      version: options.version,
      benchmarks: chosen.map(({ benchmark: { name, title }, path }) => ({ name, title, path })),
    },
    signal,
  });
  const total = chosen.reduce((sum, { keys }) => sum + keys.size, 0);
  const progress: BenchProgress = { done: 0, before: results.size, total, unscored: 0 };
  let usage = noUsage;
  try {
    options.onProgress?.({ ...progress });
    const metrics = await startMetrics(join(out, "metrics.jsonl"), {
      before: progress.before,
      total,
      state: () => ({ done: progress.done, usage, inFlight: engine.inFlight }),
      everyMilliseconds: options.metricsMilliseconds,
      now,
    });
    try {
      for await (const item of runAll(pendingItems(chosen, results, control, signal), signal)) {
        await results.append({ ...item });
        progress.done++;
        usage = addUsage(usage, item.usage);
        if (isIncomplete(item)) progress.unscored++;
        options.onProgress?.({ ...progress });
      }
    } finally {
      await metrics.close();
    }
  } finally {
    await results.close();
  }
  return progress;
}

/** Whether something of an item has no score, or no verdict. */
export function isIncomplete({ unscored, pairwise }: Pick<RunItem, "unscored" | "pairwise">): boolean {
  return unscored.some((reason) => reason !== null) || (pairwise ?? []).some(({ verdicts }) => verdicts.includes(null));
}

interface BenchJudge {
  settings: JudgeSettings;
  engine: BenchEngine;
  /** Log-probabilities are asked for with every score, although the reward is the written number. */
  logprobs: boolean;
  runAll(tasks: AsyncIterable<RunTask>, signal: AbortSignal | undefined): AsyncGenerator<RunItem>;
}

function benchJudge(given: RunBenchOptions["judge"], mode: BenchMode): BenchJudge {
  const logprobs = needsLogprobs(given.engine, mode, given.score ?? "hard");
  const engine = new BenchEngine(given.engine, (request) => logprobs && asksForScore(request, mode));
  const store = given.store ?? memoryStore({ maxEntries: 2000 });
  const options = { ...given, engine, store: logprobs ? storeWithLogprobs(store) : store };
  if (mode === "pairwise") {
    checkPairwiseOptions(options);
    const judge = new PairwiseJudge(resolveJudgeOptions({ ...options, mode: "implicit" }));
    const runAll: BenchJudge["runAll"] = (tasks, signal) =>
      judge.runAll(tasks, (task, own) => compareItem(judge, task, own), { signal });
    return { settings: judge.settings, engine, logprobs, runAll };
  }
  const judge = new Judge({ ...options, mode });
  const runAll: BenchJudge["runAll"] = (tasks, signal) =>
    judge.runAll(tasks, (task, own) => judgeItem(judge, task, own), { signal });
  return { settings: judge.settings, engine, logprobs, runAll };
}

async function* pendingItems(
  chosen: readonly ChosenItems[],
  results: ResultsFile,
  control: Control | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<RunTask> {
  for (const { benchmark, path, load, keys } of chosen) {
    let left = keys.size;
    for await (const item of benchmark.load(path, { ...load, signal })) {
      if (!keys.has(item.key)) continue;
      const id = `${benchmark.name}/${item.key}`;
      if (!results.has(id)) {
        const shown = control === undefined ? item : applyControl(item, control);
        yield { id, benchmark: benchmark.name, item: shown };
      }
      if (--left === 0) break;
    }
  }
}

/** A directory that another command's run is in stays as it is. */
async function refuseOtherRun(out: string): Promise<void> {
  const file = join(out, "run.json");
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return;
  let kind: unknown;
  try {
    kind = (JSON.parse(text) as { kind?: unknown } | null)?.kind;
  } catch {
    kind = undefined;
  }
  if (kind !== "bench") {
    throw new InputError("is not the description of a benchmark run; choose another directory", {
      file,
      field: "kind",
    });
  }
}
