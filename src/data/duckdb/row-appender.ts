import type { DuckDBAppender, DuckDBConnection } from "@duckdb/node-api";

type TypeIds = typeof import("@duckdb/node-api").DuckDBTypeId;

/** What a cell may hold; `undefined` is written as NULL. */
export type Cell = string | number | bigint | boolean | Uint8Array | null | undefined;

export interface RowAppenderOptions {
  /** Bytes of text gathered before they are written to the table. Default 16 MiB. */
  flushBytes?: number;
}

/** Appends rows to a table in batches bounded by size, the fastest way in. Rows are in the table after `close`. */
export class RowAppender {
  readonly #appender: DuckDBAppender;
  readonly #write: ((value: never) => void)[];
  readonly #flushBytes: number;
  #bytes = 0;

  private constructor(appender: DuckDBAppender, types: TypeIds, flushBytes: number) {
    this.#appender = appender;
    this.#flushBytes = flushBytes;
    this.#write = Array.from({ length: appender.columnCount }, (_, column) => writerOf(appender, types, column));
  }

  /** Opens the table's appender. Columns are text, numbers, booleans or bytes. */
  static async open(
    connection: DuckDBConnection,
    table: string,
    options: RowAppenderOptions = {},
  ): Promise<RowAppender> {
    const { DuckDBTypeId } = await import("@duckdb/node-api");
    return new RowAppender(await connection.createAppender(table), DuckDBTypeId, options.flushBytes ?? 16 << 20);
  }

  /** Appends one row, a cell a column in the table's order. */
  append(cells: readonly Cell[]): void {
    if (cells.length !== this.#write.length)
      throw new Error(`expected ${this.#write.length} cells (as many as columns), got ${cells.length}`);
    for (let column = 0; column < cells.length; column++) {
      const cell = cells[column];
      if (cell === null || cell === undefined) this.#appender.appendNull();
      else {
        this.#write[column]!(cell as never);
        this.#bytes += typeof cell === "string" || cell instanceof Uint8Array ? cell.length + 16 : 16;
      }
    }
    this.#appender.endRow();
    if (this.#bytes >= this.#flushBytes) this.flush();
  }

  /** Writes what was gathered. */
  flush(): void {
    this.#appender.flushSync();
    this.#bytes = 0;
  }

  /** Writes what was gathered and ends the appender. */
  close(): void {
    this.#appender.flushSync();
    this.#appender.closeSync();
  }
}

function writerOf(appender: DuckDBAppender, types: TypeIds, column: number): (value: never) => void {
  const type = appender.columnType(column);
  const big = (value: number | bigint) => (typeof value === "bigint" ? value : BigInt(value));
  switch (type.typeId) {
    case types.VARCHAR:
      return (value: string) => appender.appendVarchar(value);
    case types.DOUBLE:
      return (value: number) => appender.appendDouble(value);
    case types.FLOAT:
      return (value: number) => appender.appendFloat(value);
    case types.INTEGER:
      return (value: number) => appender.appendInteger(value);
    case types.UINTEGER:
      return (value: number) => appender.appendUInteger(value);
    case types.BIGINT:
      return (value: number | bigint) => appender.appendBigInt(big(value));
    case types.UBIGINT:
      return (value: number | bigint) => appender.appendUBigInt(big(value));
    case types.BOOLEAN:
      return (value: boolean) => appender.appendBoolean(value);
    case types.BLOB:
      return (value: Uint8Array) => appender.appendBlob(value);
    default:
      throw new Error(`column ${column} has type ${type}; expected text, a number, a boolean or bytes`);
  }
}
