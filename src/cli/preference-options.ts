import { type Command, InvalidArgumentError } from "commander";
import { InputError } from "../core/errors.ts";
import { listDataFiles } from "../data/list-data-files.ts";
import type { PreferenceColumns } from "../data/presets/columns.ts";
import { findPreset } from "../data/presets/presets.ts";
import type { ReadPreferencesOptions } from "../data/read-preferences.ts";
import { integer } from "./option-values.ts";

/** Options of commands that read preference data. */
export interface PreferenceFlags {
  preset?: string;
  columns?: PreferenceColumns;
  source?: string;
  maxRowBytes?: number;
  limit?: number;
  json?: boolean;
}

/** Adds the inputs and how their rows are read. */
export function addPreferenceOptions(command: Command): Command {
  return command
    .argument("<in...>", "JSON Lines, JSON, CSV or Parquet files (also .gz), and folders of them")
    .option(
      "--preset <name>",
      "the collection that the rows are from (see cerm data presets; default: told by the first rows)",
    )
    .option(
      "--columns <part=column,...>",
      "other rows: columns of chosen, rejected and prompt, and of id, strength, domain, source",
      columnsOption,
    )
    .option("--source <name>", "name of the collection in each pair's source (default: the preset's)")
    .option("--max-row-bytes <n>", "longest row of JSON Lines, JSON and CSV (default: 16777216)", integer(1))
    .option("--limit <n>", "only the first pairs", integer(1));
}

const columnParts = ["prompt", "chosen", "rejected", "id", "strength", "domain", "source"];

/** Parser of `part=column,...`; given twice, the parts are put together. */
function columnsOption(value: string, previous: PreferenceColumns | undefined): PreferenceColumns {
  const columns: Record<string, string> = { ...previous };
  for (const entry of value.split(",")) {
    const [, part, column] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(entry) ?? [];
    if (part === undefined || column === undefined || column === "" || !columnParts.includes(part))
      throw new InvalidArgumentError(`Expected part=column with a part of ${columnParts.join(", ")}; got "${entry}".`);
    columns[part] = column;
  }
  return columns as unknown as PreferenceColumns;
}

/** Refuses what cannot be meant, before anything is read. Returns the options of the reader. */
export async function preferenceOptions(
  inputs: string[],
  flags: PreferenceFlags,
  signal: AbortSignal,
): Promise<ReadPreferencesOptions & { signal: AbortSignal }> {
  const { preset, columns, source, maxRowBytes } = flags;
  if (columns !== undefined) {
    if (preset !== undefined) throw new InputError("give a preset or columns, not both", { field: "preset" });
    for (const part of ["chosen", "rejected"] as const)
      if (columns[part] === undefined)
        throw new InputError(`names no column of the ${part} response: add ${part}=COLUMN`, { field: "columns" });
  }
  if (preset !== undefined && preset !== "auto") findPreset(preset);
  await listDataFiles(inputs);
  return { preset, columns, source, maxRowBytes, signal };
}
