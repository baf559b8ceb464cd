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
export type Row = { ok: true; value: Record<string, unknown>; where: RowPlace } | { ok: false; error: InputError };
