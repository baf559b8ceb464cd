import type { Command } from "commander";
import { benchItems } from "../../bench/bench-items.ts";
import type { Benchmark } from "../../bench/benchmark.ts";
import { benchmarks, findBenchmark } from "../../bench/benchmarks.ts";
import { benchmarksDirectory, fetchBenchmarkData } from "../../bench/download/fetch-benchmark-data.ts";
import { scoreBenchmark } from "../../bench/score-benchmark.ts";
import { InputError } from "../../core/errors.ts";
import type { CommandContext } from "../context.ts";
import { formatBenchResult } from "../format-bench-result.ts";
import { integer, positive } from "../option-values.ts";
import { pullProgress } from "../pull-progress.ts";
import { formatTable } from "../table.ts";

/** Options about which items; the same for every command on benchmark data. */
export interface BenchDataFlags {
  data?: string;
  limit?: number;
  seed?: number;
  attribute?: string;
  minGap?: number;
}

/** `cerm bench list|items|score`. */
export function addBenchCommand(program: Command, context: CommandContext): Command {
  const bench = program
    .command("bench")
    .summary("benchmarks: official numbers of a judge or of any scores")
    .description("Benchmarks: official numbers of a judge or of any scores.");
  bench
    .command("list")
    .description("Lists the benchmarks.")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ cerm bench list")
    .action((flags: { json?: boolean }) => context.run(() => list(flags, context)));
  addBenchDataOptions(
    bench
      .command("items")
      .description("Writes a benchmark's items as JSON Lines: what to score, in which order.")
      .argument("<name>", "a benchmark (see cerm bench list)"),
  )
    .option("--json", "JSON Lines, which it writes anyway")
    .addHelpText("after", "\nExample:\n  $ cerm bench items llmbar --limit 60 --seed 1 > items.jsonl")
    .action((name: string, flags: BenchDataFlags) => context.run((signal) => items(name, flags, context, signal)));
  addBenchDataOptions(
    bench
      .command("score")
      .description("A benchmark's official numbers from anyone's scores. No model is run.")
      .argument("<name>", "a benchmark (see cerm bench list)")
      .requiredOption(
        "--scores <file>",
        'JSON Lines of {"item", "scores": [number or null, ...]}; - for standard input',
      ),
  )
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ cerm bench score rm-bench --data rm-bench/ --scores scores.jsonl")
    .action((name: string, flags: BenchDataFlags & { scores: string; json?: boolean }) =>
      context.run((signal) => score(name, flags, context, signal)),
    );
  return bench;
}

/** Adds the options of `BenchDataFlags`. */
export function addBenchDataOptions(command: Command): Command {
  return command
    .option("--data <path>", "file or folder with the official files; hub: download them (default: hub)")
    .option("--limit <n>", "a seeded sample of n items, stratified by subset (default: all)", integer(1))
    .option("--seed <n>", "of the sample (default: 0)", integer(0))
    .option("--attribute <name>", "helpsteer, ultrafeedback: the rating that says what is better")
    .option("--min-gap <n>", "helpsteer, ultrafeedback: smallest difference that makes a pair (default: 1)", positive);
}

/** The options as `benchItems` takes them. Throws `InputError` for one that means nothing here. */
export function benchItemsOptions(benchmark: Benchmark, flags: BenchDataFlags, signal: AbortSignal) {
  const { limit, seed, attribute, minGap } = flags;
  for (const [field, value] of [
    ["attribute", attribute],
    ["min-gap", minGap],
  ] as const)
    if (value !== undefined && benchmark.attributes === undefined) {
      const having = benchmarks.filter((one) => one.attributes !== undefined).map((one) => one.name);
      throw new InputError(`${benchmark.name} has pairs of its own; this option is for ${having.join(" and ")}`, {
        field,
      });
    }
  if (seed !== undefined && limit === undefined)
    throw new InputError("it is the seed of a sample; give --limit too", { field: "seed" });
  return { limit, seed, attribute, minGap, signal };
}

/** Where the data is: the path that was named, else the downloaded official files. */
export async function benchDataPath(
  benchmark: Benchmark,
  flags: BenchDataFlags,
  { terminal }: CommandContext,
  signal: AbortSignal,
): Promise<string> {
  if (flags.data !== undefined && flags.data !== "hub") return flags.data;
  const { say, onPullProgress } = pullProgress(terminal);
  return fetchBenchmarkData(benchmark, { directory: benchmarksDirectory(), signal, say, onProgress: onPullProgress });
}

async function list(flags: { json?: boolean }, { terminal }: CommandContext): Promise<number> {
  const entries = benchmarks.map(({ name, title, order, attributes, source }) => ({
    ...{ name, title, order, attributes: attributes ?? null, url: source.url, license: source.license },
    downloads: source.sets ?? [],
  }));
  if (flags.json) await terminal.print(JSON.stringify(entries));
  else
    await terminal.print(
      formatTable(
        ["NAME", "TITLE", "RESPONSES", "DATA"],
        entries.map(({ name, title, order, downloads, url }) => [
          name,
          title,
          order,
          downloads.length > 0 ? "hub" : url,
        ]),
      ),
    );
  return 0;
}

async function items(
  name: string,
  flags: BenchDataFlags,
  context: CommandContext,
  signal: AbortSignal,
): Promise<number> {
  const benchmark = findBenchmark(name);
  const options = benchItemsOptions(benchmark, flags, signal);
  const path = await benchDataPath(benchmark, flags, context, signal);
  for await (const { key, subset, query, responses, quality, pairs, label } of benchItems(benchmark, path, options)) {
    const texts = responses.map(({ text }) => text);
    await context.terminal.print(
      JSON.stringify({ item: key, subset, messages: query.messages, responses: texts, quality, pairs, label }),
    );
  }
  return 0;
}

async function score(
  name: string,
  flags: BenchDataFlags & { scores: string; json?: boolean },
  context: CommandContext,
  signal: AbortSignal,
): Promise<number> {
  const benchmark = findBenchmark(name);
  const options = benchItemsOptions(benchmark, flags, signal);
  const data = await benchDataPath(benchmark, flags, context, signal);
  const result = await scoreBenchmark(benchmark, { ...options, data, scores: flags.scores });
  const sample = flags.limit === undefined ? null : { limit: flags.limit, seed: flags.seed ?? 0 };
  const { terminal } = context;
  if (flags.json) await terminal.print(JSON.stringify({ ...result, sample }));
  else {
    await terminal.print(formatBenchResult(result, benchmark.title, terminal));
    if (sample !== null)
      await terminal.print(
        `A sample of ${result.items} items, stratified by subset, seed ${sample.seed}: not the full benchmark.`,
      );
  }
  return 0;
}
