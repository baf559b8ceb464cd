import { resolve } from "node:path";
import type { Command } from "commander";
import { InputError } from "../../core/errors.ts";
import type { PreferencePair } from "../../core/preference-pair.ts";
import { inspectPreferences } from "../../data/inspect/inspect-preferences.ts";
import { listDataFiles } from "../../data/list-data-files.ts";
import { presets } from "../../data/presets/presets.ts";
import { readPreferences } from "../../data/read-preferences.ts";
import { lostRows } from "../../data/row.ts";
import { outputFormat, writePreferences } from "../../data/write-preferences.ts";
import type { CommandContext } from "../context.ts";
import { formatPreferenceSummary } from "../format-preference-summary.ts";
import { integer } from "../option-values.ts";
import { addPreferenceOptions, type PreferenceFlags, preferenceOptions } from "../preference-options.ts";
import { Progress } from "../progress.ts";
import { formatTable } from "../table.ts";

/** `cerm data inspect|convert|presets`; further commands on training data are added to what it returns. */
export function addDataCommand(program: Command, context: CommandContext): Command {
  const data = program
    .command("data")
    .summary("preference data: what is in it, one normal form")
    .description("Preference data, from which a judge is trained: what is in it, and its normal form.");
  addPreferenceOptions(
    data
      .command("inspect")
      .summary("rows, lengths, languages, duplicates, length bias, examples")
      .description(
        "Sums up preference data: rows and pairs, lengths, languages, duplicates, agreement, length bias, sources, and examples.",
      ),
  )
    .option("--examples <n>", "pairs shown (default: 3)", integer(0))
    .option("--seed <n>", "of the pairs shown and of the languages' sample (default: 0)", integer(0))
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      `
Example:
  $ cerm data inspect hh-rlhf/ --json > summary.json
  $ cerm data inspect votes.csv --columns prompt=question,chosen=better,rejected=worse`,
    )
    .action((inputs: string[], flags: PreferenceFlags & { examples?: number; seed?: number }) =>
      context.run((signal) => inspect(inputs, flags, context, signal), "nothing is kept of what was read"),
    );
  addPreferenceOptions(
    data
      .command("convert")
      .summary("write preference data in the normal form")
      .description(
        "Writes preference data in the normal form: id, messages, chosen, rejected, source, strength, domain. Rows that cannot be read are reported and left out.",
      ),
  )
    .requiredOption("--out <file>", "a .jsonl, .jsonl.gz or .parquet file; one that is there is replaced")
    .option("--json", "the counts as JSON on standard output")
    .addHelpText(
      "after",
      `
Example:
  $ cerm data convert train-00000-of-00001.parquet --preset skywork-reward-preference-80k --out skywork.jsonl
  $ cerm data convert hh-rlhf/ auto-j/testdata_pairwise.jsonl.gz --out pairs.parquet`,
    )
    .action((inputs: string[], flags: PreferenceFlags & { out: string }) =>
      context.run((signal) => convert(inputs, flags, context, signal), `nothing was written to ${flags.out}`),
    );
  data
    .command("presets")
    .description("Lists the collections whose rows are known, with their licences.")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ cerm data presets")
    .action((flags: { json?: boolean }) => context.run(() => list(flags, context)));
  return data;
}

async function inspect(
  inputs: string[],
  flags: PreferenceFlags & { examples?: number; seed?: number },
  { terminal }: CommandContext,
  signal: AbortSignal,
): Promise<number> {
  const { limit, examples, seed } = flags;
  const options = await preferenceOptions(inputs, flags, signal);
  const progress = new Progress("inspect", { enabled: terminal.progress });
  try {
    const summary = await inspectPreferences(inputs, {
      ...{ ...options, limit, examples, seed },
      onProgress: (pairs) => {
        progress.done = pairs;
      },
    });
    progress.stop();
    for (const message of summary.broken.messages) terminal.note(`error: ${message}`);
    const hidden = summary.broken.rows + summary.broken.files - summary.broken.messages.length;
    if (hidden > 0 && summary.broken.messages.length > 0)
      terminal.note(`and more: ${summary.broken.rows} broken rows and ${summary.broken.files} faults of files in all`);
    await terminal.print(flags.json ? JSON.stringify(summary) : formatPreferenceSummary(summary, terminal));
    return summary.broken.rows + summary.broken.files > 0 ? 2 : 0;
  } finally {
    progress.stop();
  }
}

async function convert(
  inputs: string[],
  flags: PreferenceFlags & { out: string },
  { terminal }: CommandContext,
  signal: AbortSignal,
): Promise<number> {
  const { out, limit = Number.POSITIVE_INFINITY } = flags;
  outputFormat(out);
  const options = await preferenceOptions(inputs, flags, signal);
  if ((await listDataFiles(inputs)).some(({ path }) => resolve(path) === resolve(out)))
    throw new InputError("is one of the files that are read; name another", { file: out, field: "out" });
  const progress = new Progress("convert", { enabled: terminal.progress });
  const counts = { pairs: 0, none: 0, broken: { rows: 0, files: 0 } };
  const pairs = async function* (): AsyncGenerator<PreferencePair> {
    for await (const result of readPreferences(inputs, options)) {
      if (!result.ok) {
        const rows = lostRows(result);
        if (rows === 0) counts.broken.files++;
        counts.broken.rows += rows;
        terminal.note(`error: ${result.error.message}`);
      } else if (result.pair === undefined) counts.none++;
      else {
        progress.done = ++counts.pairs;
        yield result.pair;
        if (counts.pairs >= limit) return;
      }
    }
    if (counts.pairs === 0) throw new InputError("nothing is written: there is no pair in the input");
  };
  try {
    await writePreferences(out, pairs(), { signal });
  } finally {
    progress.stop();
  }
  if (flags.json) await terminal.print(JSON.stringify({ ...counts, out }));
  const parts = [`${counts.pairs} pairs`];
  if (counts.none > 0) parts.push(`${counts.none} rows without a pair (see cerm data inspect)`);
  const { rows, files } = counts.broken;
  if (rows > 0) parts.push(`${rows} broken rows left out`);
  if (files > 0) parts.push(`${files} faults of whole files`);
  terminal.note(`convert: ${parts.join(", ")} -> ${out}`);
  return rows + files > 0 ? 2 : 0;
}

async function list(flags: { json?: boolean }, { terminal }: CommandContext): Promise<number> {
  const entries = presets.map(({ name, title, url, licence, shippable, gives, strength, caveat }) => ({
    ...{ name, title, url, licence, shippable, gives, strength },
    caveat: caveat ?? null,
  }));
  if (flags.json) await terminal.print(JSON.stringify(entries));
  else
    await terminal.print(
      formatTable(
        ["NAME", "TITLE", "SHIPPABLE", "LICENCE"],
        entries.map(({ name, title, shippable, licence }) => [name, title, shippable ? "yes" : "no", licence ?? "-"]),
      ),
    );
  return 0;
}
