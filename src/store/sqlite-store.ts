import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Kysely, SqliteDialect, sql } from "kysely";
import Database from "libsql";
import { migrate } from "./migrations.ts";
import type { Store, StoreTable } from "./store.ts";
import { checkPlace, type StoreDatabase, storeError, storeTables, valueText } from "./tables.ts";
import { WriteBatch } from "./write-batch.ts";

export interface SqliteStoreOptions {
  /** Milliseconds since 1970. */
  clock: () => number;
  /** How long a put may wait for others to share its transaction, in milliseconds. */
  waitMilliseconds: number;
}

// How long one process waits for another's transaction, in milliseconds; theirs last a few.
const busyMilliseconds = 15_000;

/**
 * A store in one SQLite file (or `:memory:`), which several processes may use at once. Commits survive a killed
 * process; a power cut may undo the last ones but does not damage the file (WAL, synchronous NORMAL).
 */
export async function openSqliteStore(path: string, options: SqliteStoreOptions): Promise<Store> {
  const file = path === ":memory:" ? path : resolve(path);
  let database: Database.Database | undefined;
  try {
    if (file !== ":memory:") await mkdir(dirname(file), { recursive: true });
    database = new Database(file);
    await configure(database, file);
    const kysely = new Kysely<StoreDatabase>({ dialect: new SqliteDialect({ database }) });
    await migrateExclusively(kysely, { store: file, now: options.clock() });
    return sqliteStore(database, kysely, file, options);
  } catch (error) {
    database?.close();
    throw storeError(file, "cannot be opened", error);
  }
}

async function configure(database: Database.Database, file: string): Promise<void> {
  database.pragma(`busy_timeout = ${busyMilliseconds}`);
  if (file !== ":memory:") {
    await whileBusy(() => database.pragma("journal_mode = WAL"));
  }
  database.pragma("synchronous = NORMAL");
  // Keys are hashes, so puts touch pages all over the index: keep it in memory (16 MB) and write back less often.
  database.pragma("cache_size = -16000");
  database.pragma("wal_autocheckpoint = 4000");
}

/** Tries again while another process holds the lock that the busy timeout does not cover (switching to WAL). */
async function whileBusy(action: () => void): Promise<void> {
  const deadline = performance.now() + busyMilliseconds;
  for (;;) {
    try {
      action();
      return;
    } catch (error) {
      const busy =
        String((error as { code?: string }).code).startsWith("SQLITE_BUSY") || /locked|busy/i.test(String(error));
      if (!busy || performance.now() > deadline) throw error;
      await sleep(10);
    }
  }
}

async function migrateExclusively(
  kysely: Kysely<StoreDatabase>,
  options: { store: string; now: number },
): Promise<void> {
  await kysely.connection().execute(async (connection) => {
    // IMMEDIATE takes the write lock at once: of two processes that open a new file, one waits and finds it done.
    await sql`begin immediate`.execute(connection);
    try {
      await migrate(connection, options);
      await sql`commit`.execute(connection);
    } catch (error) {
      await sql`rollback`.execute(connection);
      throw error;
    }
  });
}

function sqliteStore(
  database: Database.Database,
  kysely: Kysely<StoreDatabase>,
  file: string,
  options: SqliteStoreOptions,
): Store {
  const statements = Object.fromEntries(
    storeTables.map((table) => [table, prepare(database, kysely, table)]),
  ) as Record<StoreTable, ReturnType<typeof prepare>>;
  const batch = new WriteBatch({
    waitMilliseconds: options.waitMilliseconds,
    maxRows: 1000,
    write(rows) {
      try {
        database.exec("begin immediate");
        try {
          for (const row of rows) statements[row.table].insert.run([row.key, row.value, row.created_at]);
          database.exec("commit");
        } catch (error) {
          if (database.inTransaction) database.exec("rollback");
          throw error;
        }
      } catch (error) {
        throw storeError(file, "cannot be written", error);
      }
    },
  });
  let closing: Promise<void> | undefined;
  const open = () => {
    if (closing !== undefined) throw new Error(`the store ${file} is closed`);
  };
  return {
    async get(table, key) {
      open();
      checkPlace(table, key);
      let text: string | undefined;
      try {
        const row = statements[table].select.get([key]) as [string] | undefined;
        text = row?.[0] ?? batch.pending(table, key);
      } catch (error) {
        throw storeError(file, "cannot be read", error);
      }
      return text === undefined ? undefined : JSON.parse(text);
    },
    async put(table, key, value) {
      open();
      checkPlace(table, key);
      await batch.put({ table, key, value: valueText(value), created_at: options.clock() });
    },
    close() {
      closing ??= batch.flush().then(() => kysely.destroy());
      return closing;
    },
  };
}

/** The hot statements, prepared once. The query builder writes them, the driver runs them without it. */
function prepare(database: Database.Database, kysely: Kysely<StoreDatabase>, table: StoreTable) {
  const select = kysely.selectFrom(table).select("value").where("key", "=", "").compile();
  const insert = kysely
    .insertInto(table)
    .values({ key: "", value: "", created_at: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .compile();
  return { select: database.prepare(select.sql).raw(), insert: database.prepare(insert.sql) };
}
