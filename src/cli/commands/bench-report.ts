import { type Command, InvalidArgumentError, Option } from "commander";
import { bestOfN } from "../../bench/analysis/best-of-n.ts";
import type { MeasuredItem } from "../../bench/analysis/measured-item.ts";
import { findBenchmark } from "../../bench/benchmarks.ts";
import type { Table } from "../../bench/report/blocks.ts";
import { candidateCounts } from "../../bench/report/build-report.ts";
import { collectRun } from "../../bench/report/collect-run.ts";
import { compareRunDirectories } from "../../bench/report/compare-run-directories.ts";
import {
  comparisonTitle,
  disagreementTable,
  headlineCaption,
  headlineTable,
  letter,
  runsTable,
  sectionTable,
} from "../../bench/report/comparison-blocks.ts";
import { measuredScores } from "../../bench/report/measured-scores.ts";
import { bestOfNTable } from "../../bench/report/sections/best-of-n.ts";
import { overviewTable } from "../../bench/report/sections/overview.ts";
import { writeReport } from "../../bench/report/write-report.ts";
import { readRun, type ScoreKind } from "../../bench/run/index.ts";
import { InputError } from "../../core/errors.ts";
import type { CommandContext } from "../context.ts";
import { collect, integer, positive } from "../option-values.ts";
import { Progress } from "../progress.ts";
import { formatTable } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { addBenchDataOptions, type BenchDataFlags, benchDataPath, benchItemsOptions } from "./bench.ts";

interface ResampleFlags {
  resamples?: number;
  seed?: number;
  json?: boolean;
}

interface ReportFlags extends ResampleFlags {
  controlRun?: string[];
  pageMegabytes?: number;
}

interface CompareFlags extends ResampleFlags {
  score?: ScoreKind;
  items: number;
}

interface BonFlags extends ResampleFlags, BenchDataFlags {
  run?: string;
  scores?: string;
  score?: ScoreKind;
  n?: number[];
}

/** `cerm bench report|compare|bon`: what finished runs came to. No model is run. */
export function addBenchReportCommands(bench: Command, context: CommandContext): void {
  addResampleOptions(
    bench
      .command("report")
      .description("Writes report.html, report.md and report.json into a run directory.")
      .argument("<run>", "a run directory of cerm bench run")
      .option("--control-run <dir>", "a run of the same items with changed responses; repeat for several", collect)
      .option(
        "--page-megabytes <n>",
        "most packed texts in report.html; items beyond are listed without (default: 100)",
        positive,
      ),
  )
    .addHelpText("after", "\nExample:\n  $ cerm bench report runs/base --control-run runs/padding")
    .action((run: string, flags: ReportFlags) => context.run((signal) => report(run, flags, context, signal)));
  addResampleOptions(
    bench
      .command("compare")
      .description("Compares runs with the first of them, paired over the items that both have.")
      .argument("<runs...>", "two or more run directories")
      .addOption(scoreOption())
      .option("--items <n>", "items shown on which the runs disagree, of each side", integer(0), 10),
  )
    .addHelpText("after", "\nExample:\n  $ cerm bench compare runs/unified runs/per-response runs/implicit")
    .action((runs: string[], flags: CompareFlags) => context.run((signal) => compare(runs, flags, context, signal)));
  addBenchDataOptions(
    bench
      .command("bon")
      .description(
        "Best-of-N: expected quality of the response that is picked among n candidates, against oracle, chance and length.",
      )
      .argument("<name>", "a benchmark (see cerm bench list)")
      .option("--run <dir>", "take items and scores of a run directory")
      .option("--scores <file>", "or of a scores file, for --data")
      .addOption(scoreOption())
      .option("--n <list>", "numbers of candidates (default: 1,2,4,... and all)", wholeNumbers),
  )
    .option("--resamples <n>", "of the intervals (default: 2000)", integer(2))
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  $ cerm bench bon rm-bench --run runs/base\n  $ cerm bench bon ppe --data ppe/ --scores scores.jsonl --n 1,2,4,8,16,32",
    )
    .action((name: string, flags: BonFlags) => context.run((signal) => bon(name, flags, context, signal)));
}

function addResampleOptions(command: Command): Command {
  return command
    .option("--resamples <n>", "of the intervals (default: 2000)", integer(2))
    .option("--seed <n>", "of the intervals (default: 0)", integer(0))
    .option("--json", "as JSON");
}

function scoreOption(): Option {
  return new Option(
    "--score <kind>",
    "the numbers the judge wrote, or the expected ones (default: the run's own)",
  ).choices(["hard", "expected"]);
}

function wholeNumbers(value: string): number[] {
  const numbers = value.split(",").map(Number);
  if (numbers.every((number) => Number.isSafeInteger(number) && number >= 1))
    return [...new Set(numbers)].sort((a, b) => a - b);
  throw new InvalidArgumentError("Expected whole numbers of at least 1, with commas between them.");
}

async function report(
  directory: string,
  flags: ReportFlags,
  { terminal }: CommandContext,
  signal: AbortSignal,
): Promise<number> {
  const { controlRun, resamples, seed, pageMegabytes } = flags;
  const maxItemBytes = pageMegabytes === undefined ? undefined : pageMegabytes * 1e6;
  const options = { controlRuns: controlRun, resamples, seed, maxItemBytes, signal };
  const written = await withProgress("resamples", terminal, (onProgress) =>
    writeReport(directory, { ...options, onProgress }),
  );
  if (flags.json) {
    await terminal.print(JSON.stringify(written.report));
    return 0;
  }
  await terminal.print(textTable(overviewTable(written.report.benchmarks)));
  for (const note of written.report.notes) await terminal.print(`note: ${note}`);
  await terminal.print(`written: ${Object.values(written.files).join(", ")}`);
  return 0;
}

async function compare(
  runs: string[],
  flags: CompareFlags,
  { terminal }: CommandContext,
  signal: AbortSignal,
): Promise<number> {
  const { score, seed, resamples } = flags;
  const comparison = await withProgress("resamples", terminal, (onProgress) =>
    compareRunDirectories(runs, { score, seed, resamples, signal, onProgress }),
  );
  if (flags.json) {
    await terminal.print(JSON.stringify(comparison));
    return 0;
  }
  await terminal.print(`${textTable(runsTable(comparison))}\n\n${textTable(headlineTable(comparison))}`);
  await terminal.print(`\n${headlineCaption}`);
  for (const { title, comparisons } of comparison.benchmarks)
    for (const { b, over, result } of comparisons) {
      await terminal.print(
        `\n${terminal.style("bold", `${comparisonTitle(title, over)}: A and ${letter(b)}`)}\n${textTable(sectionTable(result, letter(b)))}`,
      );
      const { caption = "", ...disagreements } = disagreementTable(result, letter(b), flags.items);
      await terminal.print(`\n${caption}`);
      if (disagreements.rows.length > 0) await terminal.print(textTable(disagreements));
    }
  return 0;
}

async function bon(name: string, flags: BonFlags, context: CommandContext, signal: AbortSignal): Promise<number> {
  const { terminal } = context;
  const items = await bonItems(name, flags, context, signal);
  const largest = items.reduce((most, { scores }) => Math.max(most, scores.length), 0);
  const tooLarge = flags.n?.find((n) => n > largest);
  if (tooLarge !== undefined)
    throw new InputError(`got ${tooLarge}, but no item has more than ${largest} responses`, { field: "n" });
  const ns = flags.n ?? candidateCounts(largest);
  const points = bestOfN(items, ns, { seed: 0, resamples: flags.resamples });
  if (flags.json)
    await terminal.print(JSON.stringify({ kind: "bench-best-of-n", version: 1, benchmark: name, points }));
  else {
    await terminal.print(textTable(bestOfNTable(points)));
    await terminal.print(
      "Mean quality of the pick by the benchmark's labels, exact over all subsets; 95 % intervals over queries.",
    );
  }
  return 0;
}

/** Items and scores of a run directory, or of data and a scores file. */
async function bonItems(
  name: string,
  flags: BonFlags,
  context: CommandContext,
  signal: AbortSignal,
): Promise<MeasuredItem[]> {
  const benchmark = findBenchmark(name);
  const { run, scores, score } = flags;
  if ((run === undefined) === (scores === undefined))
    throw new InputError("give --run with a run directory, or --scores with a scores file", { field: "run" });
  if (scores !== undefined) {
    if (score !== undefined)
      throw new InputError("a scores file has one kind of score; leave it out", { field: "score" });
    const options = benchItemsOptions(benchmark, flags, signal);
    return measuredScores(benchmark, {
      ...options,
      data: await benchDataPath(benchmark, flags, context, signal),
      scores,
    });
  }
  for (const field of ["data", "limit", "seed", "attribute", "minGap"] as const)
    if (flags[field] !== undefined) throw new InputError("a run has its items already; leave it out", { field });
  const opened = await readRun(run!);
  const collected = (await collectRun(opened, signal)).benchmarks.get(name);
  const names = opened.run.benchmarks.map((one) => one.name).join(", ");
  if (collected === undefined) throw new InputError(`the run has no ${name}; it has ${names}`, { file: run });
  const kind = opened.run.mode === "pairwise" ? "verdicts" : (score ?? opened.run.score);
  const { items } = collected.scores[kind];
  if (items.length > 0) return items;
  throw new InputError(
    `the run has no ${kind === "verdicts" ? "verdicts on items of two responses" : `${kind} scores`} of ${name}`,
    {
      file: run,
    },
  );
}

/** Shows on a terminal how far the work's resampling is. */
async function withProgress<T>(
  label: string,
  terminal: Terminal,
  work: (onProgress: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  const progress = new Progress(label, { enabled: terminal.progress });
  try {
    return await work((done, total) => {
      progress.done = done;
      progress.total = total;
    });
  } finally {
    progress.stop();
  }
}

function textTable({ columns, rows }: Table): string {
  return formatTable(
    columns.map((column) => column.name.toUpperCase()),
    rows,
  );
}
