import { Kysely, PostgresDialect, sql } from "kysely";
import { InputError } from "../core/errors.ts";
import { migrate } from "./migrations.ts";
import type { Store, StoreTable } from "./store.ts";
import { checkPlace, type StoreDatabase, storeError, storeTables, valueText } from "./tables.ts";
import { type PendingRow, WriteBatch } from "./write-batch.ts";

export interface PostgresStoreOptions {
  /** Milliseconds since 1970. */
  clock: () => number;
  /** How long a put may wait for others to share its transaction, in milliseconds. */
  waitMilliseconds: number;
  /** Most connections of this process. */
  maxConnections: number;
}

// Any fixed number: who migrates holds the advisory lock of this number.
const migrationLock = 7_203_511;

/** A store in a PostgreSQL database, for several machines. The driver is loaded on first use. */
export async function openPostgresStore(url: string, options: PostgresStoreOptions): Promise<Store> {
  const name = withoutPassword(url);
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({ connectionString: url, max: options.maxConnections, connectionTimeoutMillis: 10_000 });
  // An idle connection that breaks is replaced on next use; without a listener it would end the process.
  pool.on("error", () => undefined);
  const database = new Kysely<StoreDatabase>({ dialect: new PostgresDialect({ pool }) });
  try {
    await database.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(transaction);
      await migrate(transaction, { store: name, now: options.clock() });
    });
  } catch (error) {
    await database.destroy();
    // Node puts the whole URL, password and all, into this error, so it is not kept as a cause.
    if ((error as { code?: string }).code === "ERR_INVALID_URL") {
      throw new InputError(`expected postgres://user@host:port/database, got ${name}`, { field: "store" });
    }
    throw storeError(name, "cannot be opened", error);
  }
  return postgresStore(database, name, options);
}

function postgresStore(database: Kysely<StoreDatabase>, name: string, options: PostgresStoreOptions): Store {
  const batch = new WriteBatch({
    waitMilliseconds: options.waitMilliseconds,
    maxRows: 500,
    async write(rows) {
      try {
        await retryConflicts(() => insertRows(database, rows));
      } catch (error) {
        throw storeError(name, "cannot be written", error);
      }
    },
  });
  let closing: Promise<void> | undefined;
  const open = () => {
    if (closing !== undefined) throw new Error(`the store ${name} is closed`);
  };
  return {
    async get(table, key) {
      open();
      checkPlace(table, key);
      // Looked at first: a put that commits while the query runs may be missing from both afterwards.
      const pending = batch.pending(table, key);
      try {
        const row = await database.selectFrom(table).select("value").where("key", "=", key).executeTakeFirst();
        const text = row?.value ?? pending;
        return text === undefined ? undefined : JSON.parse(text);
      } catch (error) {
        throw storeError(name, "cannot be read", error);
      }
    },
    async put(table, key, value) {
      open();
      checkPlace(table, key);
      await batch.put({ table, key, value: valueText(value), created_at: options.clock() });
    },
    close() {
      closing ??= batch.flush().then(() => database.destroy());
      return closing;
    },
  };
}

/**
 * One transaction. Rows go in key order, so that two processes with the same rows wait for each other instead of
 * deadlocking.
 */
async function insertRows(database: Kysely<StoreDatabase>, rows: PendingRow[]): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    for (const table of storeTables) {
      const values = valuesOf(rows, table);
      if (values.length === 0) continue;
      await transaction
        .insertInto(table)
        .values(values)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  });
}

function valuesOf(rows: PendingRow[], table: StoreTable) {
  return rows
    .filter((row) => row.table === table)
    .map(({ key, value, created_at }) => ({ key, value, created_at }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/** Repeats a transaction that lost against another one (deadlock or serialization failure); it is idempotent. */
async function retryConflicts(transaction: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await transaction();
      return;
    } catch (error) {
      const { code } = error as { code?: string };
      if (attempt >= 4 || (code !== "40P01" && code !== "40001")) throw error;
    }
  }
}

/** The URL as it may be shown: whatever stands where a password can is gone. */
export function withoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/[^:@/]*):.*@/s, "$1:***@").replace(/([?&]password=)[^&]*/g, "$1***");
}
