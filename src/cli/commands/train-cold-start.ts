import type { Command } from "commander";
import { InputError } from "../../core/errors.ts";
import { openTokenCounter } from "../../curate/text/count-tokens.ts";
import { userPacksDirectory } from "../../judge/open-judge.ts";
import { loadPack } from "../../prompts/load-pack.ts";
import { convertRecords } from "../../train/cold-start/convert-records.ts";
import { openContamination } from "../../train/cold-start/open-contamination.ts";
import { findRecordSource, recordSources } from "../../train/cold-start/records/index.ts";
import type { SetReport } from "../../train/cold-start/set-report.ts";
import type { CommandContext } from "../context.ts";
import { collect, integer, nonNegative } from "../option-values.ts";
import { Progress } from "../progress.ts";

/** Options of both ways to make a set. */
export interface SetFlags {
  out: string;
  tokensOf?: string;
  benchmarks?: string[];
  exclude?: string[];
  maxTokens?: number;
  heldOut?: number;
  tokenBudget?: number;
  seed?: number;
  json?: boolean;
}

/** `cerm train cold-start records`, below the `train` command. Returns the parent of both ways. */
export function addTrainColdStartCommand(train: Command, context: CommandContext): Command {
  const coldStart = train
    .command("cold-start")
    .summary("make the conversations that cerm train sft learns from")
    .description(
      "Makes two-turn conversations of a judge for the cold start: of records with rubrics, or by a teacher.",
    )
    .addHelpText(
      "after",
      "\nExample:\n  $ cerm train cold-start records --data data/preferences --out runs/cold-start",
    );
  const records = coldStart
    .command("records")
    .summary("of records that people and models have left")
    .description(
      "Turns rubrics and verdicts of known collections into a judge's conversations in a pack's own prompts, by rules that docs/training.md states. What is written is read back by the pack's parsers.",
    )
    .requiredOption("--data <folder>", "folder with a folder for each source")
    .option("--source <name>", `${recordSources.map(({ name }) => name).join(", ")}; repeat (default: all)`, collect)
    .option("--pack <name>", "prompt pack (default: compact)")
    .option("--seed <n>", "of what is drawn (default: 0)", integer(0));
  addSetOptions(records)
    .addHelpText(
      "after",
      `
Sources:
${recordSources.map(({ name, licence, teaches }) => `  ${name.padEnd(14)} ${licence.padEnd(12)} ${teaches}`).join("\n")}

Example:
  $ cerm train cold-start records --data data/preferences --tokens-of models/SmolLM2-135M-Instruct --benchmarks data --out runs/cold-start`,
    )
    .action((flags: SetFlags & { data: string; source?: string[]; pack?: string }) =>
      context.run((signal) => convert(flags, context, signal)),
    );
  return coldStart;
}

/** Adds the options that decide which examples become the set. */
export function addSetOptions(command: Command): Command {
  return command
    .requiredOption("--out <folder>", "train.jsonl, held-out.jsonl, report.json, report.md")
    .option("--tokens-of <folder>", "folder whose tokenizer.json counts tokens (default: characters / 4)")
    .option("--benchmarks <folder>", "leave out what the benchmarks in this folder ask; repeat", collect)
    .option("--exclude <file>", "leave out what the pairs of this file ask, for held-out ones; repeat", collect)
    .option("--max-tokens <n>", "longest conversation (default: 2048)", integer(1))
    .option("--held-out <share>", "share of the prompts that are held out (default: 0.05)", nonNegative)
    .option("--token-budget <n>", "most tokens of the training set (default: all there are)", integer(1))
    .option("--json", "the report as JSON");
}

/** The same options, with their defaults. */
export async function setOptions(
  { tokensOf, benchmarks = [], exclude = [], maxTokens, heldOut, tokenBudget, seed }: SetFlags,
  signal: AbortSignal,
) {
  if (heldOut !== undefined && heldOut >= 1)
    throw new InputError(`got ${heldOut}, expected a share below 1`, { field: "held-out" });
  const countTokens = await openTokenCounter(
    tokensOf === undefined ? { kind: "characters" } : { kind: "tokenizer", path: tokensOf },
  );
  return {
    countTokens,
    tokenizer: tokensOf ?? "characters / 4",
    contamination:
      benchmarks.length + exclude.length === 0
        ? undefined
        : await openContamination({ benchmarks, pairs: exclude }, signal),
    maxTokens: maxTokens ?? 2048,
    heldOutShare: heldOut ?? 0.05,
    tokenBudget,
    seed: seed ?? 0,
  };
}

async function convert(
  flags: SetFlags & { data: string; source?: string[]; pack?: string },
  { terminal }: CommandContext,
  signal: AbortSignal,
): Promise<number> {
  const { data, source, pack, out } = flags;
  const sources = source === undefined ? recordSources : source.map(findRecordSource);
  const loaded = await loadPack(pack ?? "compact", { userDirectory: userPacksDirectory() });
  const progress = new Progress("records", { enabled: terminal.progress });
  let report: SetReport;
  try {
    report = await convertRecords({
      ...(await setOptions(flags, signal)),
      ...{ data, sources, out, signal, pack: loaded },
      onProgress: (done) => {
        progress.done = done;
      },
    });
  } finally {
    progress.stop();
  }
  await terminal.print(flags.json ? JSON.stringify(report) : describeSet(report, out));
  return 0;
}

/** What a set has become, in a few lines. */
export function describeSet({ sources, excluded, train, heldOut }: SetReport, out: string): string {
  const left = Object.entries(excluded).filter(([, count]) => count > 0);
  return [
    ...sources.map(({ name, records, examples }) => `${name}: ${examples} examples of ${records} records`),
    ...(left.length === 0 ? [] : [`left out: ${left.map(([why, count]) => `${count} ${why}`).join(", ")}`]),
    `train: ${train.conversations} conversations, ${train.tokens} tokens; held-out: ${heldOut.conversations}, ${heldOut.tokens} tokens`,
    `-> ${out}`,
  ].join("\n");
}
