import { createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { InputError } from "../core/errors.ts";
import { formatOfName, type RowFormat } from "./format.ts";
import { GzipError } from "./gunzip.ts";
import { nameOfSource, type ReadBytesOptions, readBytes, type Source } from "./read-bytes.ts";
import { readParquetRows } from "./read-parquet-rows.ts";
import { readTextRows } from "./read-text-rows.ts";
import type { Row } from "./row.ts";

export interface ReadRowsOptions extends ReadBytesOptions {
  /** Default: by the file's extension; JSON Lines for standard input and streams without a name. */
  format?: RowFormat;
  /** CSV and Parquet: columns that must be there; Parquet reads only these. Default: all. */
  columns?: string[];
  /** Longest row of JSON Lines, JSON and CSV in bytes. A longer one is an error and costs no memory. Default 64 MiB. */
  maxRowBytes?: number;
}

/**
 * The rows of a JSON Lines, JSON, CSV or Parquet source, gzip or not, in order, with flat memory (Parquet: a slice of a
 * row group). Faults are rows with `ok: false`, also those of the whole file, which come last. Throws only the signal's
 * reason.
 */
export async function* readRows(source: Source, options: ReadRowsOptions = {}): AsyncGenerator<Row> {
  const file = nameOfSource(source, options);
  try {
    const format = formatOfSource(source, options);
    if (format === "parquet") yield* parquetRows(source, file, options);
    else {
      const { columns, maxRowBytes = 64 << 20 } = options;
      yield* readTextRows(readBytes(source, options), format, { file, columns, maxBytes: maxRowBytes });
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    yield { ok: false, error };
  }
}

/** The format that was asked for, else the one of the name. Throws `InputError` where the name tells none. */
export function formatOfSource(source: Source, options: { format?: RowFormat; name?: string }): RowFormat {
  const named = (typeof source === "string" && source !== "-") || options.name !== undefined;
  return options.format ?? (named ? formatOfName(nameOfSource(source, options)) : "jsonl");
}

/** Parquet is read from its end, so what is not a plain file is written to a temporary one first. */
async function* parquetRows(source: Source, file: string, options: ReadRowsOptions): AsyncGenerator<Row> {
  const { columns, signal } = options;
  signal?.throwIfAborted();
  const plain = typeof source === "string" && source !== "-" && !source.toLowerCase().endsWith(".gz");
  if (plain && (await isFile(source))) {
    yield* readParquetRows(source, { file, columns, signal });
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), "cerm-"));
  try {
    const copy = join(folder, "rows.parquet");
    try {
      await pipeline(readBytes(source, options), createWriteStream(copy));
    } catch (error) {
      if (!(error instanceof GzipError)) throw error;
      throw new InputError(`${error.message}, before the first row; copy or download the file again`, { file });
    }
    yield* readParquetRows(copy, { file, columns, signal });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function isFile(path: string): Promise<boolean> {
  // What is not there at all is left to the reader, whose error names it.
  return (await stat(path).catch(() => undefined))?.isFile() ?? true;
}
