import { basename } from "node:path";
import { InputError } from "../core/errors.ts";
import type { PreferencePair } from "../core/preference-pair.ts";
import { type DataFile, listDataFiles } from "./list-data-files.ts";
import type { PreferenceResult } from "./preference-result.ts";
import { columnsPreset, type PreferenceColumns } from "./presets/columns.ts";
import { finishPair } from "./presets/finish-pair.ts";
import { type Preset, RowFault, type RowOutcome, type RowReader } from "./presets/preset.ts";
import { findPreset, presets, recognisePreset } from "./presets/presets.ts";
import { readRows } from "./read-rows.ts";

export interface ReadPreferencesOptions {
  /** The shape of the rows. Default `"auto"`: each file's is told from its first row. */
  preset?: string;
  /** Where a pair's parts are, instead of a preset. */
  columns?: PreferenceColumns;
  /** The collection's name in a pair's source. Default: the preset's; the file's own name where columns are named. */
  source?: string;
  /** Longest row of JSON Lines, JSON and CSV in bytes; a longer one is an error and costs no memory. Default 16 MiB. */
  maxRowBytes?: number;
  signal?: AbortSignal;
}

/**
 * The preference pairs of files, and of the data files in folders, in order, with flat memory. Faults are values: of a
 * row, and of a whole file, after which the next file still follows. Throws only the signal's reason.
 */
export async function* readPreferences(
  source: string | readonly string[],
  options: ReadPreferencesOptions = {},
): AsyncGenerator<PreferenceResult> {
  let files: DataFile[];
  let chosen: Preset | undefined;
  try {
    chosen = chosenPreset(options);
    files = await listDataFiles(typeof source === "string" ? [source] : source);
  } catch (error) {
    yield asFault(error);
    return;
  }
  const companions = (chosen === undefined ? presets : [chosen]).flatMap((preset) => preset.companions ?? []);
  for (const file of files) {
    if (companions.includes(basename(file.path))) continue;
    try {
      yield* readFile(file, chosen, options);
    } catch (error) {
      yield asFault(error);
    }
  }
}

function chosenPreset({ preset = "auto", columns }: ReadPreferencesOptions): Preset | undefined {
  if (columns === undefined) return preset === "auto" ? undefined : findPreset(preset);
  if (preset !== "auto") throw new InputError("give a preset or columns, not both", { field: "preset" });
  return columnsPreset(columns);
}

async function* readFile(
  file: DataFile,
  chosen: Preset | undefined,
  options: ReadPreferencesOptions,
): AsyncGenerator<PreferenceResult> {
  const { maxRowBytes = 16 << 20, signal } = options;
  let preset = chosen;
  let reader: RowReader | undefined;
  for await (const row of readRows(file.path, { maxRowBytes, signal })) {
    if (!row.ok) {
      yield row;
      continue;
    }
    preset ??= recognisePreset(row.value);
    if (preset === undefined) throw unknownShape(row.value, file.path);
    reader ??= await preset.open({ path: file.path, signal });
    for (const outcome of reader.push(row)) yield* results(outcome, file, preset, options);
  }
  if (preset !== undefined && reader !== undefined)
    for (const outcome of reader.end()) yield* results(outcome, file, preset, options);
}

function* results(
  { where, pairs }: RowOutcome,
  file: DataFile,
  preset: Preset,
  options: ReadPreferencesOptions,
): Generator<PreferenceResult> {
  if (typeof pairs === "string") yield { ok: true, none: pairs, where };
  else if (pairs instanceof RowFault) yield { ok: false, error: rowError(pairs, where), where };
  else
    for (const [index, draft] of pairs.entries()) {
      const id = draft.id ?? `${file.name}#${where.row}${pairs.length === 1 ? "" : `/${index}`}`;
      const pair: PreferencePair | string | RowFault = finishPair(draft, { id, file, preset, source: options.source });
      if (typeof pair === "string") yield { ok: true, none: pair, where };
      else if (pair instanceof RowFault) yield { ok: false, error: rowError(pair, where), where };
      else yield { ok: true, pair, where };
    }
}

function rowError(fault: RowFault, where: RowOutcome["where"]): InputError {
  const { file, line, row } = where;
  return new InputError(`row ${row} (from 0): ${fault.message}`, { file, line, field: fault.field });
}

function unknownShape(row: Record<string, unknown>, file: string): InputError {
  const names = Object.keys(row).slice(0, 12).join(", ") || "no fields";
  return new InputError(
    `no preset knows rows with ${names}; name a preset, or the columns of the prompt, the chosen and the rejected response`,
    { file },
  );
}

function asFault(error: unknown): PreferenceResult {
  if (error instanceof InputError) return { ok: false, error };
  throw error;
}
