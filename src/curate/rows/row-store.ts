import { join } from "node:path";
import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import { type Duckdb, openDuckdb } from "../../data/duckdb/open-duckdb.ts";
import { type RowColumn, type RowColumns, tables } from "./tables.ts";
import { type SharedTexts, shareTexts, TextWriter } from "./text-file.ts";

/** Rows that are handed on at once, where there are as many. */
const batchRows = 1024;
const threadRows = 512;

export interface ScanOptions {
  /** SQL condition on the table's columns. Default: rows that are kept. */
  where?: string;
  /** The condition looks into another table: rows then come in any order, and are sorted. */
  joins?: boolean;
  /** Most rows of a batch. Default 1,024. */
  batch?: number;
}

/** The rows of a run and what became of them, in a database on disk. */
export class RowStore implements AsyncDisposable {
  readonly #database: Duckdb;
  readonly #directory: string;
  #texts: Promise<SharedTexts> | undefined;
  /** For everything that is written. */
  readonly writer: DuckDBConnection;

  private constructor(directory: string, database: Duckdb) {
    this.#directory = directory;
    this.#database = database;
    this.writer = database.connection;
  }

  /** Opens the database in a run's folder, making it where there is none. `memoryMiB` bounds its buffers. */
  static async open(directory: string, options: { memoryMiB?: number; threads?: number } = {}): Promise<RowStore> {
    const path = join(directory, "rows.duckdb");
    const database = await openDuckdb({ path, temporaryFolder: directory, ...options });
    // Looking for the best compression of texts costs more than reading and writing them plain.
    await database.connection.run("SET force_compression = 'uncompressed'");
    await database.connection.run(tables);
    return new RowStore(directory, database);
  }

  /** The texts of all rows, for threads; once they are written. */
  texts(): Promise<SharedTexts> {
    this.#texts ??= shareTexts(this.#directory);
    return this.#texts;
  }

  /** Begins the file of the rows' texts. */
  writeTexts(): Promise<TextWriter> {
    return TextWriter.open(this.#directory);
  }

  /** The numbers of the rows that are kept, in order, in batches for threads. */
  async *batches(): AsyncGenerator<{ n: Int32Array }> {
    for await (const { n } of this.scan([], { batch: threadRows })) yield { n: Int32Array.from(n) };
  }

  /** Batches of rows in the order of their numbers: those that are kept, or those of the condition. */
  async *scan<Column extends RowColumn>(
    columns: readonly Column[],
    { where = "stage = 0", joins = false, batch = batchRows }: ScanOptions = {},
  ): AsyncGenerator<Pick<RowColumns, Column | "n">> {
    const names = ["n", ...columns.filter((name) => name !== "n")];
    const connection = await this.#database.connect();
    try {
      const order = joins ? " ORDER BY n" : "";
      const result = await connection.stream(`SELECT ${names.join(", ")} FROM rows WHERE ${where}${order}`);
      let pending: DuckDBValue[][] = names.map(() => []);
      let last = -1;
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk === undefined || chunk.rowCount === 0) break;
        const values = chunk.getColumns();
        for (const n of values[0] as number[]) {
          if (n <= last) throw new Error(`rows came out of order: ${n} after ${last}`);
          last = n;
        }
        for (let from = 0; from < chunk.rowCount; ) {
          const take = Math.min(chunk.rowCount - from, batch - pending[0]!.length);
          for (const [index, column] of values.entries()) pending[index]!.push(...column.slice(from, from + take));
          from += take;
          if (pending[0]!.length < batch) continue;
          yield toBatch(names, pending);
          pending = names.map(() => []);
        }
      }
      if (pending[0]!.length > 0) yield toBatch(names, pending);
    } finally {
      connection.closeSync();
    }
  }

  /** All values of columns of the rows that are kept, in the order of their numbers. */
  async all<Column extends RowColumn>(
    columns: readonly Column[],
    options: ScanOptions = {},
  ): Promise<Pick<RowColumns, Column | "n">> {
    const gathered: Record<string, unknown[]> = Object.fromEntries(["n", ...columns].map((name) => [name, []]));
    for await (const batch of this.scan(columns, options))
      for (const [name, values] of Object.entries(batch))
        for (const value of values as unknown[]) gathered[name]!.push(value);
    return gathered as never;
  }

  /** The rows of a query as objects. Meant for small results. */
  async query<Row>(sql: string, values: DuckDBValue[] = []): Promise<Row[]> {
    const reader = await this.writer.runAndReadAll(sql, values);
    return reader.getRowObjects() as Row[];
  }

  /** A query's rows in batches, as columns by name. Temporary tables are seen by the connection that made them. */
  async *stream(sql: string, on?: DuckDBConnection): AsyncGenerator<Record<string, DuckDBValue[]>> {
    const connection = on ?? (await this.#database.connect());
    try {
      const result = await connection.stream(sql);
      const names = result.columnNames();
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk === undefined || chunk.rowCount === 0) return;
        yield chunk.getColumnsObject(names);
      }
    } finally {
      if (on === undefined) connection.closeSync();
    }
  }

  /** How many rows are kept. */
  async count(where = "stage = 0"): Promise<number> {
    const [row] = await this.query<{ count: bigint }>(`SELECT count(*) AS count FROM rows WHERE ${where}`);
    return Number(row!.count);
  }

  /** Runs statements as one: all of them hold, or none. */
  async transaction(work: () => Promise<void>): Promise<void> {
    await this.writer.run("BEGIN");
    try {
      await work();
      await this.writer.run("COMMIT");
    } catch (error) {
      await this.writer.run("ROLLBACK").catch(() => {});
      throw error;
    }
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#database[Symbol.asyncDispose]();
  }
}

function toBatch(names: string[], values: DuckDBValue[][]): never {
  return Object.fromEntries(names.map((name, index) => [name, values[index]])) as never;
}
