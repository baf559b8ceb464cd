import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  type ParquetParsers,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type RowGroup,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { InputError } from "../core/errors.ts";
import { BrokenCell, cellParsers, jsonOfCell } from "./parquet-values.ts";
import { fileError } from "./read-bytes.ts";
import { requireColumns } from "./read-text-rows.ts";
import type { Row } from "./row.ts";

export interface ReadParquetOptions {
  /** The name in errors; the path is where the bytes are. */
  file: string;
  /** Columns to read, which must be there. Default: all. */
  columns?: string[];
  signal?: AbortSignal;
  /**
   * Uncompressed bytes read at a time where the file's page index allows it; otherwise one row group. Default 16 MiB.
   */
  sliceBytes?: number;
}

/**
 * Rows of a Parquet file, a slice of a row group at a time. A slice that cannot be read is one error; the next ones
 * still follow.
 */
export async function* readParquetRows(path: string, options: ReadParquetOptions): AsyncGenerator<Row> {
  const { file, columns, signal } = options;
  let buffer: AsyncBuffer;
  let metadata: FileMetaData;
  try {
    ({ buffer, metadata } = await openParquet(path, file));
    requireColumns(
      columns,
      parquetSchema(metadata).children.map((child) => child.element.name),
      { file },
    );
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    yield { ok: false, error };
    return;
  }
  let groupStart = 0;
  for (const [index, group] of metadata.row_groups.entries()) {
    const groupEnd = groupStart + Number(group.num_rows);
    const indexed = hasPageIndex(group);
    const step = indexed ? rowsPerSlice(group, options.sliceBytes ?? 16 << 20) : Number(group.num_rows);
    for (let rowStart = groupStart; rowStart < groupEnd; rowStart += step) {
      signal?.throwIfAborted();
      const rowEnd = Math.min(rowStart + step, groupEnd);
      try {
        const rows = await parquetReadObjects({
          file: buffer,
          metadata,
          columns,
          rowStart,
          rowEnd,
          compressors,
          useOffsetIndex: indexed && rowEnd - rowStart < Number(group.num_rows),
          parsers: cellParsers as Partial<ParquetParsers>,
        });
        if (rows.length !== rowEnd - rowStart) throw new Error(`it holds ${rows.length} rows`);
        for (const [offset, row] of rows.entries()) yield rowOfCells(row, rowStart + offset, file);
      } catch (error) {
        const message = `rows ${rowStart} to ${rowEnd - 1} (from 0) of row group ${index} cannot be read (${(error as Error).message}); the file is damaged or cut: copy or download it again`;
        const where = { file, row: rowStart };
        yield { ok: false, error: new InputError(message, { file }), where, rows: rowEnd - rowStart };
      }
    }
    groupStart = groupEnd;
  }
}

async function openParquet(path: string, file: string): Promise<{ buffer: AsyncBuffer; metadata: FileMetaData }> {
  let buffer: AsyncBuffer;
  try {
    buffer = await asyncBufferFromFile(path);
    return { buffer, metadata: await parquetMetadataAsync(buffer) };
  } catch (error) {
    const known = fileError(error, file);
    if (known instanceof InputError) throw known;
    const message = `not a complete Parquet file, no row can be read: its end is missing or damaged (${(error as Error).message}); copy or download it again`;
    throw new InputError(message, { file });
  }
}

function hasPageIndex(group: RowGroup): boolean {
  return group.columns.every((column) => column.offset_index_offset !== undefined);
}

function rowsPerSlice(group: RowGroup, sliceBytes: number): number {
  const slices = Math.ceil(Number(group.total_byte_size) / sliceBytes);
  return Math.max(1, Math.ceil(Number(group.num_rows) / Math.max(1, slices)));
}

function rowOfCells(cells: Record<string, unknown>, row: number, file: string): Row {
  const where = { file, row };
  const value: Record<string, unknown> = {};
  for (const [name, cell] of Object.entries(cells)) {
    const json = jsonOfCell(cell);
    if (json instanceof BrokenCell) {
      const error = new InputError(`row ${row} (from 0): ${json.reason}`, { file, field: name });
      return { ok: false, error, where };
    }
    value[name] = json;
  }
  return { ok: true, value, where };
}
