import type { InputError } from "../core/errors.ts";

/** Where a row stands. */
export interface RowPlace {
  /** The path as given, or `stdin`. */
  file: string;
  /** 0-based position among the file's rows. Broken rows count, blank lines do not. */
  row: number;
  /** 1-based line on which the row starts; Parquet has none. */
  line?: number;
}

/** A row that could be read, or what is wrong with it. Rows after a broken one still follow. */
export type Row = { ok: true; value: Record<string, unknown>; where: RowPlace } | BrokenRow;

/** What is wrong with a row, with several rows that can only be read together, or with the file. */
export interface BrokenRow {
  ok: false;
  error: InputError;
  /** The row, or the first of several; absent where the fault is the file's. */
  where?: RowPlace;
  /** How many rows it stands for. Default: 1 with a place, 0 without. */
  rows?: number;
}

/** How many rows are lost by a fault; 0 where it is the file's. */
export function lostRows({ rows, where }: BrokenRow): number {
  return rows ?? (where === undefined ? 0 : 1);
}
