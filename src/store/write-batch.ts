import type { StoreTable } from "./store.ts";
import type { StoredRow } from "./tables.ts";

/** A row on its way into a table. */
export interface PendingRow extends StoredRow {
  table: StoreTable;
}

export interface WriteBatchOptions {
  /** Writes rows in one transaction; resolves when it is committed. */
  write(rows: PendingRow[]): Promise<void> | void;
  /** How long a row may wait for company, in milliseconds. */
  waitMilliseconds: number;
  /** Most rows in a transaction. */
  maxRows: number;
}

/**
 * Gathers rows that are put at about the same time and writes them in one transaction, one transaction after the other.
 * `put` resolves when the row's transaction is committed and rejects when it fails.
 */
export class WriteBatch {
  #options: WriteBatchOptions;
  #waiting: { row: PendingRow; resolve: () => void; reject: (error: unknown) => void }[] = [];
  /** Values put and not yet committed, so that they can be read. */
  #pending = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  constructor(options: WriteBatchOptions) {
    this.#options = options;
  }

  put(row: PendingRow): Promise<void> {
    const place = row.table + row.key;
    if (!this.#pending.has(place)) this.#pending.set(place, row.value);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ row, resolve, reject });
      if (this.#waiting.length >= this.#options.maxRows) this.#start();
      else this.#timer ??= setTimeout(() => this.#start(), this.#options.waitMilliseconds);
    });
  }

  /** The value of a row that is not committed yet. */
  pending(table: StoreTable, key: string): string | undefined {
    return this.#pending.get(table + key);
  }

  /** Resolves when everything put so far is committed or has failed. */
  async flush(): Promise<void> {
    while (this.#waiting.length > 0 || this.#writing !== undefined) {
      this.#start();
      await this.#writing;
    }
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
      // Rows that came between the last look and here.
      if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#start(), this.#options.waitMilliseconds);
    });
  }

  async #writeAll(): Promise<void> {
    // The first transaction starts with what is here now; rows that come while it runs go into the next.
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#options.maxRows);
      try {
        await this.#options.write(batch.map(({ row }) => row));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      for (const { row } of batch) this.#pending.delete(row.table + row.key);
      // A synchronous database would otherwise hold the event loop until all is written.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
