import { join } from "node:path";
import type { Command } from "commander";
import {
  aboutFiles,
  type CurateEvent,
  type CurateResult,
  curate,
  type Recipe,
  readRecipe,
  stages,
} from "../../curate/index.ts";
import { grouped } from "../../data/shorten.ts";
import type { CommandContext } from "../context.ts";
import { integer } from "../option-values.ts";
import { Progress } from "../progress.ts";
import { formatTable } from "../table.ts";

/** Broken rows that are named on the terminal; the report names more. */
const shownFaults = 20;

interface Flags {
  out: string;
  threads?: number;
  json?: boolean;
}

/** `cerm data curate RECIPE --out DIR`. */
export function addDataCurateCommand(data: Command, context: CommandContext): void {
  data
    .command("curate")
    .summary("make a training set of preference data by a recipe")
    .description(
      "Runs the stages of a recipe (YAML) over preference data and writes the splits as JSON Lines and Parquet, a data card and a report. The same command continues a run that was ended; the output depends on inputs and recipe alone.",
    )
    .argument("<recipe>", "recipe file")
    .requiredOption("--out <folder>", "folder of the run")
    .option("--threads <n>", "threads for the work (default: the processor's cores)", integer(1))
    .option("--json", "the outcome as JSON")
    .addHelpText(
      "after",
      `
Stages:
${stages.map(({ name, summary }) => `  ${name.padEnd(18)} ${summary}`).join("\n")}

Example:
  $ cerm data curate recipes/mini/curate.yaml --out runs/mini-data`,
    )
    .action((file: string, flags: Flags, command: Command) =>
      context.run((signal) => run(file, flags, command, context, signal)),
    );
}

async function run(
  file: string,
  flags: Flags,
  command: Command,
  { terminal }: CommandContext,
  signal: AbortSignal,
): Promise<number> {
  const recipe = await readRecipe(file, stages);
  let progress: Progress | undefined;
  const onEvent = (event: CurateEvent) => {
    if (event.kind === "begin") progress = new Progress(event.name, { enabled: terminal.progress });
    else if (event.kind === "progress" && progress !== undefined) {
      progress.done = event.done;
      progress.total = event.total;
    } else if (event.kind === "end") {
      progress?.stop();
      progress = undefined;
      const { name, before, after } = event.record;
      const how = event.resumed ? " (done before)" : "";
      terminal.note(`curate: ${name}: ${grouped(before)} -> ${grouped(after)}${how}`);
    }
  };
  const { out: directory, threads } = flags;
  let result: CurateResult;
  try {
    result = await curate(recipe, { directory, threads, version: versionOf(command), signal, onEvent });
  } finally {
    progress?.stop();
  }
  const { rows, faults } = result.broken;
  for (const fault of faults.slice(0, shownFaults)) terminal.note(`left out: ${fault}`);
  if (rows > shownFaults) terminal.note(`left out: ${grouped(rows - shownFaults)} more rows that cannot be read`);
  await terminal.print(flags.json ? JSON.stringify(result) : formatResult(result, recipe, directory));
  if (result.outputs.splits.length > 0) return 0;
  terminal.note("error: no pair is left and no split was written; the card says which stage dropped how many");
  return 2;
}

/** The stages as a table, then what was written. */
function formatResult({ stages: done, outputs, broken }: CurateResult, recipe: Recipe, directory: string): string {
  const rows = done.map(({ name, before, after, notes }) => [
    name,
    grouped(before),
    grouped(after),
    grouped(before - after),
    notes[0] ?? "",
  ]);
  const splits = outputs.splits.map(({ split, rows: count }) => `${split} ${grouped(count)}`).join(", ");
  return [
    formatTable(["stage", "before", "after", "dropped", ""], rows),
    "",
    ...(broken.rows === 0 ? [] : [`Broken: ${grouped(broken.rows)} (rows that could not be read and were left out)`]),
    `Splits: ${splits === "" ? "none" : splits}`,
    `Hash:   ${outputs.hash}`,
    `Card:   ${join(directory, aboutFiles.card)}`,
    ...(recipe.outputs.report ? [`Report: ${join(directory, aboutFiles.html)}`] : []),
  ].join("\n");
}

function versionOf(command: Command): string {
  let top = command;
  while (top.parent !== null) top = top.parent;
  return top.version() ?? "";
}
