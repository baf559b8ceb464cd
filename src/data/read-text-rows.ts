import { InputError } from "../core/errors.ts";
import type { RowFormat } from "./format.ts";
import { GzipError } from "./gunzip.ts";
import { parseCsvRecords } from "./parse-csv-records.ts";
import type { BrokenRow, Row, RowPlace } from "./row.ts";
import { grouped, shorten } from "./shorten.ts";
import { JsonArrayError, splitJsonArray } from "./split-json-array.ts";
import { splitLines } from "./split-lines.ts";
import { invalidUtf8Offset, type TextRecord } from "./text-record.ts";

export interface ReadTextOptions {
  file: string;
  maxBytes: number;
  /** CSV columns that must be there. */
  columns?: string[];
}

// Records parsed by one start of the CSV parser; bounded in bytes too, for rows of megabytes.
const csvBatch = { records: 256, bytes: 1 << 20 };

/** A record that passed the checks on bytes. */
type Checked = { ok: true; bytes: Buffer; where: RowPlace } | BrokenRow;

/** Rows of JSON Lines, JSON and CSV. What is wrong with the whole file comes as the last row. */
export async function* readTextRows(
  chunks: AsyncIterable<Buffer>,
  format: Exclude<RowFormat, "parquet">,
  options: ReadTextOptions,
): AsyncGenerator<Row> {
  const split =
    format === "json"
      ? splitJsonArray(chunks, { maxBytes: options.maxBytes })
      : splitLines(chunks, { maxBytes: options.maxBytes, quotes: format === "csv" });
  const progress = { rows: 0 };
  try {
    if (format === "csv") yield* csvRows(split, options, progress);
    else for await (const record of split) yield jsonRow(check(record, progress.rows++, options), options.file);
  } catch (error) {
    const fault = fileFault(error, progress.rows, options.file);
    if (fault === undefined) throw error;
    yield { ok: false, error: fault };
  }
}

/** Checks a record's size and encoding. */
function check(record: TextRecord, row: number, options: ReadTextOptions): Checked {
  const { file } = options;
  const { line, bytes } = record;
  const where: RowPlace = { file, row, line };
  if (bytes === undefined) {
    const message = `the row has ${grouped(record.size)} bytes, the limit is ${grouped(options.maxBytes)}; shorten it or raise the limit`;
    return { ok: false, error: new InputError(message, { file, line }), where };
  }
  const bad = invalidUtf8Offset(bytes);
  if (bad !== undefined) {
    const byte = bytes[bad] === undefined ? "a cut character" : `byte 0x${bytes[bad].toString(16).padStart(2, "0")}`;
    const message = `not UTF-8: ${byte} at byte ${grouped(record.offset + bad)} of the file; convert the file to UTF-8`;
    return { ok: false, error: new InputError(message, { file, line }), where };
  }
  return { ok: true, bytes, where };
}

function jsonRow(checked: Checked, file: string): Row {
  if (!checked.ok) return checked;
  const { bytes, where } = checked;
  const text = bytes.toString("utf8");
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === "object" && !Array.isArray(value)) {
      return { ok: true, value: value as Record<string, unknown>, where };
    }
    const error = new InputError(`expected a JSON object, got ${shorten(value)}`, { file, line: where.line });
    return { ok: false, error, where };
  } catch (error) {
    // V8 quotes the text after a comma; the text is shown here, shortened, instead.
    const reason = (error as Error).message.replace(/, (\.\.\.)?".*$/su, "");
    const message = `not valid JSON (${reason}): ${shorten(text)}; correct or remove the row`;
    return { ok: false, error: new InputError(message, { file, line: where.line }), where };
  }
}

async function* csvRows(
  records: AsyncIterable<TextRecord>,
  options: ReadTextOptions,
  progress: { rows: number },
): AsyncGenerator<Row> {
  let header: string[] | undefined;
  let batch: Checked[] = [];
  let bytes = 0;
  const flush = function* (): Generator<Row> {
    const good = batch.flatMap((checked) => (checked.ok ? [checked.bytes] : []));
    const parsed = parseCsvRecords(good).values();
    for (const checked of batch) yield checked.ok ? csvRow(parsed.next().value!, checked.where, header!) : checked;
    batch = [];
    bytes = 0;
  };
  try {
    for await (const record of records) {
      if (header === undefined) {
        header = csvHeader(check(record, 0, options), options);
        continue;
      }
      batch.push(check(record, progress.rows++, options));
      bytes += record.size;
      if (batch.length >= csvBatch.records || bytes >= csvBatch.bytes) yield* flush();
    }
  } catch (error) {
    if (header !== undefined) yield* flush();
    throw error;
  }
  if (header === undefined)
    throw new InputError("the file is empty; expected a line of column names", { file: options.file });
  yield* flush();
}

/** The column names. Everything wrong with them concerns the whole file, so it is thrown. */
function csvHeader(checked: Checked, options: ReadTextOptions): string[] {
  if (!checked.ok) throw checked.error;
  const { file, line } = checked.where;
  const [parsed] = parseCsvRecords([checked.bytes]);
  if (parsed === undefined || !parsed.ok) {
    throw new InputError(`the line of column names cannot be read: ${parsed?.reason}`, { file, line });
  }
  const names = parsed.fields;
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new InputError(`two columns are named ${shorten(twice)}; rename one`, { file, line });
  requireColumns(options.columns, names, { file, line });
  return names;
}

/** Throws an `InputError` for the first of `wanted` that is not among the file's columns. */
export function requireColumns(
  wanted: string[] | undefined,
  names: string[],
  where: { file: string; line?: number },
): void {
  const missing = wanted?.find((name) => !names.includes(name));
  if (missing === undefined) return;
  const message = `there is no column ${shorten(missing)}; the columns are ${names.map((name) => shorten(name)).join(", ")}`;
  throw new InputError(message, where);
}

function csvRow(parsed: ReturnType<typeof parseCsvRecords>[number], where: RowPlace, header: string[]): Row {
  const { file, line } = where;
  if (!parsed.ok) {
    return { ok: false, error: new InputError(`not valid CSV: ${parsed.reason}`, { file, line }), where };
  }
  const { fields } = parsed;
  if (fields.length !== header.length) {
    const message = `expected ${header.length} fields (as many as columns are named), got ${fields.length}; quote fields that hold commas`;
    return { ok: false, error: new InputError(message, { file, line }), where };
  }
  const value: Record<string, unknown> = Object.fromEntries(header.map((name, index) => [name, fields[index]]));
  return { ok: true, value, where };
}

/** An error that ends the file, with the place it was reached; undefined for a bug. */
function fileFault(error: unknown, rows: number, file: string): InputError | undefined {
  const after = rows === 0 ? "before the first row" : `after row ${rows - 1} (rows count from 0)`;
  if (error instanceof InputError) return error;
  if (error instanceof GzipError) {
    return new InputError(`${error.message}, ${after}; copy or download the file again`, { file });
  }
  if (error instanceof JsonArrayError) {
    const message = `${error.message}; expected one array of objects (for one object a line name the file .jsonl or set the format)`;
    return new InputError(message, { file, line: error.line });
  }
  return undefined;
}
