import { type Command, Option } from "commander";
import { findBenchmark } from "../../bench/benchmarks.ts";
import { writeReport } from "../../bench/report/index.ts";
import {
  type BenchMode,
  type BenchProgress,
  benchModes,
  type ChosenItems,
  type Control,
  checkPairwiseOptions,
  chooseItems,
  controlNames,
  describeChoice,
  findData,
  readRun,
  runBench,
  runCosmeticChanges,
  summariseRun,
} from "../../bench/run/index.ts";
import { InputError } from "../../core/errors.ts";
import { openJudge } from "../../judge/open-judge.ts";
import type { CommandContext } from "../context.ts";
import { formatBenchSummary } from "../format-bench-summary.ts";
import { collect, integer, positive } from "../option-values.ts";
import { addJudgeOptions, type JudgeFlags, judgeOptions } from "../options.ts";
import { Progress } from "../progress.ts";
import { pullProgress } from "../pull-progress.ts";
import { benchDataPath, benchItemsOptions } from "./bench.ts";

type Flags = Omit<JudgeFlags, "mode"> & {
  data?: string[];
  out: string;
  mode?: BenchMode;
  limit?: number;
  control?: Control;
  cosmeticItems?: number;
  attribute?: string;
  minGap?: number;
  json?: boolean;
};

/** `cerm bench run`, below the `bench` command. */
export function addBenchRunCommand(bench: Command, context: CommandContext): void {
  const command = bench
    .command("run")
    .summary("judge benchmarks on an engine")
    .description(
      "Judges the items of benchmarks and writes them to one run directory. The same command continues a run that was killed.",
    )
    .argument("<name...>", "benchmarks (see cerm bench list)")
    .optionsGroup("Run:")
    .requiredOption("--out <folder>", "run directory: run.json, items.jsonl, metrics.jsonl")
    .option(
      "--data <[name=]path>",
      "a benchmark's file or folder, or a folder that holds several by their names; hub: download them; repeat (default: hub)",
      collect,
    )
    .option(
      "--limit <n>",
      "a seeded sample of n items, shared out over the benchmarks and stratified by subset",
      integer(1),
    )
    .option("--attribute <name>", "helpsteer, ultrafeedback: the rating that says what is better")
    .option("--min-gap <n>", "helpsteer, ultrafeedback: smallest difference that makes a pair (default: 1)", positive)
    .addOption(
      new Option(
        "--control <change>",
        "change the responses of all items first: a run to compare with the one without",
      ).choices(controlNames),
    )
    .option(
      "--cosmetic-items <n>",
      "items judged again with each cosmetic change of the responses, for the report (default: a tenth, at most 100; 0: none)",
      integer(0),
    )
    .option("--json", "the numbers as JSON");
  addJudgeOptions(command).addHelpText(
    "after",
    `
Example:
  $ cerm bench run judgebench llmbar rm-bench --data data/ --limit 60 --out runs/unified
  $ cerm bench run judgebench --data data/judgebench --mode pairwise --out runs/pairwise`,
  );
  const mode = command.options.find((option) => option.attributeName() === "mode")!;
  mode.choices(benchModes).description =
    "criteria once per query, per response, none, or two responses compared in both orders (default: unified)";
  command.action((names: string[], flags: Flags) =>
    context.run((signal) => run(names, flags, command, context, signal)),
  );
}

async function run(
  names: string[],
  flags: Flags,
  command: Command,
  context: CommandContext,
  signal: AbortSignal,
): Promise<number> {
  const { terminal } = context;
  const { mode: wanted, ...judgeFlags } = flags;
  const pairwise = wanted === "pairwise";
  if (pairwise) checkPairwiseOptions(flags);
  checkCosmeticItems(flags, pairwise);
  const options = await judgeOptions({ ...judgeFlags, mode: pairwise ? "implicit" : wanted });
  // What the configuration says about scores is for the other modes.
  if (pairwise) options.score = "hard";
  const chosen = await choose(names, flags, context, signal);
  await using judge = await openJudge({ ...options, ...pullProgress(terminal), signal });
  if (flags.limit !== undefined || names.length > 1)
    terminal.note(`bench: ${describeChoice(chosen, { limit: flags.limit, seed: judge.settings.seed })}`);
  const progress = new Progress("bench", { enabled: terminal.progress });
  const show = ({ done, before, total, unscored }: BenchProgress, of = "") => {
    progress.done = done;
    progress.total = total - before;
    progress.note = [of, unscored === 0 ? "" : `${unscored} unscored`].filter((part) => part !== "").join(", ");
  };
  const own = {
    out: flags.out,
    chosen,
    judge: judge.settings,
    mode: pairwise ? ("pairwise" as const) : judge.settings.mode,
    version: versionOf(command),
    signal,
  };
  let last: BenchProgress;
  try {
    last = await runBench({ ...own, limit: flags.limit, control: flags.control, onProgress: show });
    if (!pairwise && flags.control === undefined) {
      const { seed } = judge.settings;
      const onProgress = (control: Control, each: BenchProgress) => show(each, control);
      await runCosmeticChanges({ ...own, items: flags.cosmeticItems, seed, onProgress });
    }
  } finally {
    progress.stop();
  }
  terminal.note(`bench: ${describeEnd(last)} -> ${flags.out}`);
  const { files } = await writeReport(flags.out, { signal });
  const opened = await readRun(flags.out);
  const benchmarks = await summariseRun(opened);
  if (flags.json) await terminal.print(JSON.stringify({ out: flags.out, run: opened.run, ...last, benchmarks }));
  else await terminal.print(`${formatBenchSummary(benchmarks)}\nReport: ${files.html}`);
  return benchmarks.some((benchmark) => benchmark.unscored > 0) ? 3 : 0;
}

function checkCosmeticItems({ cosmeticItems, control }: Flags, pairwise: boolean): void {
  if (cosmeticItems === undefined || (!pairwise && control === undefined)) return;
  const reason = pairwise ? "mode pairwise gives no rewards to shift" : "--control changes the responses of all items";
  throw new InputError(`${reason}: leave it out`, { field: "cosmetic-items" });
}

async function choose(
  names: string[],
  flags: Flags,
  context: CommandContext,
  signal: AbortSignal,
): Promise<ChosenItems[]> {
  const { data = ["hub"], limit, seed = 0, attribute, minGap } = flags;
  const benchmarks = names.map(findBenchmark);
  const rated = benchmarks.filter((benchmark) => benchmark.attributes !== undefined);
  // The options that only some benchmarks have are refused where none of them is named.
  if (rated.length === 0) benchItemsOptions(benchmarks[0]!, { attribute, minGap }, signal);
  const otherwise = data.includes("hub")
    ? (benchmark: (typeof benchmarks)[number]) => benchDataPath(benchmark, {}, context, signal)
    : undefined;
  const found = await findData(
    benchmarks,
    data.filter((value) => value !== "hub"),
    { otherwise },
  );
  return await chooseItems(found, { limit, seed, attribute, minGap, signal });
}

function describeEnd({ done, before, unscored }: BenchProgress): string {
  const parts = [`${done} done`];
  if (before > 0) parts.push(`${before} were there already`);
  if (unscored > 0) parts.push(`${unscored} with something unscored`);
  return parts.join(", ");
}

function versionOf(command: Command): string {
  let program = command;
  while (program.parent !== null) program = program.parent;
  return program.version() ?? "unknown";
}
