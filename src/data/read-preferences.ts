import { basename } from "node:path";
import { InputError } from "../core/errors.ts";
import type { PreferencePair } from "../core/preference-pair.ts";
import { IdIndex } from "./id-index.ts";
import { type DataFile, listDataFiles } from "./list-data-files.ts";
import type { PreferenceResult } from "./preference-result.ts";
import { columnsPreset, type PreferenceColumns } from "./presets/columns.ts";
import { finishPair } from "./presets/finish-pair.ts";
import { type Preset, RowFault, type RowOutcome, type RowReader } from "./presets/preset.ts";
import { findPreset, presets, recognisePreset } from "./presets/presets.ts";
import { readRows } from "./read-rows.ts";
import type { Row } from "./row.ts";

export interface ReadPreferencesOptions {
  /** The shape of the rows. Default `"auto"`: each file's is told from the first of its 20 first rows that has one. */
  preset?: string;
  /** Where a pair's parts are, instead of a preset. */
  columns?: PreferenceColumns;
  /**
   * What a pair's source begins with. Default: the preset's name, or the file's own where columns are named; rows in the
   * normal form keep theirs.
   */
  source?: string;
  /** Longest row of JSON Lines, JSON and CSV in bytes; a longer one is an error and costs no memory. Default 16 MiB. */
  maxRowBytes?: number;
  /** Called once for each file whose shape is known, before its first result. */
  onPreset?: (file: DataFile, preset: Preset) => void;
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
  const ids = new IdIndex();
  for (const file of files) {
    if (companions.includes(basename(file.path))) continue;
    try {
      yield* readFile(file, chosen, ids, options);
    } catch (error) {
      yield asFault(error);
    }
  }
}

/** The preset that was asked for; undefined for `auto`. Throws `InputError` for one that there is not. */
function chosenPreset({ preset = "auto", columns }: ReadPreferencesOptions): Preset | undefined {
  if (columns === undefined) return preset === "auto" ? undefined : findPreset(preset);
  if (preset !== "auto") throw new InputError("give a preset or columns, not both", { field: "preset" });
  return columnsPreset(columns);
}

/** Rows at the head of a file of which one must have a known shape. */
const headRows = 20;

async function* readFile(
  file: DataFile,
  chosen: Preset | undefined,
  ids: IdIndex,
  options: ReadPreferencesOptions,
): AsyncGenerator<PreferenceResult> {
  const { maxRowBytes = 16 << 20, signal } = options;
  let take: ReturnType<typeof resultsOf> | undefined;
  let head: Row[] = [];
  for await (const row of readRows(file.path, { maxRowBytes, signal })) {
    if (take !== undefined) {
      for (const result of take(row)) yield result;
      continue;
    }
    head.push(row);
    const preset = row.ok ? (chosen ?? recognisePreset(row.value)) : undefined;
    if (preset !== undefined) {
      options.onPreset?.(file, preset);
      const reader = await preset.open({ path: file.path, signal });
      take = resultsOf(reader, { file, preset, ids, source: options.source });
      for (const one of head) yield* take(one);
      head = [];
    } else if (head.length >= headRows) {
      yield* unknownRows(head, file);
      if (head.some(({ ok }) => ok)) return;
      head = [];
    }
  }
  yield* unknownRows(head, file);
  if (take !== undefined) yield* take(undefined);
}

/** Faults of rows before any of a known shape: those that are broken, and one for all others. */
function* unknownRows(rows: Row[], { path }: DataFile): Generator<PreferenceResult> {
  for (const row of rows) if (!row.ok) yield row;
  const first = rows.find((row) => row.ok);
  if (first !== undefined) yield { ok: false, error: unknownShape(first.value, path) };
}

interface ResultContext {
  file: DataFile;
  preset: Preset;
  ids: IdIndex;
  source?: string;
}

/** Makes results of a file's rows; after the last one it is called with nothing. Lists, since they are fast. */
function resultsOf(reader: RowReader, context: ResultContext) {
  return (row: Row | undefined): PreferenceResult[] => {
    const results: PreferenceResult[] = [];
    // A broken row ends what rows before it wait for, so that results keep the order of the rows.
    for (const outcome of row?.ok ? reader.push(row) : reader.end()) addResults(outcome, context, results);
    if (row?.ok === false) results.push(row);
    return results;
  };
}

function addResults({ where, pairs }: RowOutcome, context: ResultContext, results: PreferenceResult[]): void {
  const add = (outcome: PreferencePair | string | RowFault) => {
    if (typeof outcome === "string") results.push({ ok: true, none: outcome, where });
    else if (outcome instanceof RowFault) results.push({ ok: false, error: rowError(outcome, where), where });
    else results.push({ ok: true, pair: outcome, where });
  };
  if (typeof pairs === "string" || pairs instanceof RowFault) add(pairs);
  else
    for (const [index, draft] of pairs.entries()) {
      const id = draft.id ?? `${context.file.name}#${where.row}${pairs.length === 1 ? "" : `/${index}`}`;
      const twice = draft.id !== undefined && context.ids.add(id, where.row) !== undefined;
      add(twice ? idTwice(id) : finishPair(draft, { ...context, id }));
    }
}

function idTwice(id: string): RowFault {
  return new RowFault("id", `the id ${JSON.stringify(id)} is also that of a row before; give each pair its own`);
}

function rowError(fault: RowFault, where: RowOutcome["where"]): InputError {
  const { file, line, row } = where;
  return new InputError(`row ${row} (from 0): ${fault.message}`, { file, line, field: fault.field });
}

function unknownShape(row: Record<string, unknown>, file: string): InputError {
  const names = Object.keys(row).slice(0, 12).join(", ") || "no fields";
  const message = `no preset knows rows with ${names}; name a preset, or the columns of the prompt and the two responses`;
  return new InputError(message, { file });
}

function asFault(error: unknown): PreferenceResult {
  if (error instanceof InputError) return { ok: false, error };
  throw error;
}
