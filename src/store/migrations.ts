import { type Kysely, sql } from "kysely";
import { CermError } from "../core/errors.ts";
import type { StoreDatabase } from "./tables.ts";

/**
 * One step from a version of the schema to the next. Steps are never changed once released; new ones are added at the
 * end.
 */
type Step = (database: Kysely<StoreDatabase>) => Promise<void>;

const steps: readonly Step[] = [
  async (database) => {
    for (const table of ["criteria", "evaluations"]) {
      await database.schema
        .createTable(table)
        .addColumn("key", "text", (column) => column.primaryKey())
        .addColumn("value", "text", (column) => column.notNull())
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .execute();
    }
  },
];

type VersionTable = { cerm_schema: { version: number; applied_at: number } };

/** The schema this program writes and reads. */
export const schemaVersion = steps.length;

/**
 * Brings the database up to `schemaVersion`; must run in a transaction that excludes other writers. Throws `CermError`
 * `store-version` where a newer program made the store.
 */
export async function migrate(database: Kysely<StoreDatabase>, options: { store: string; now: number }): Promise<void> {
  const versions = database.withTables<VersionTable>();
  await versions.schema
    .createTable("cerm_schema")
    .ifNotExists()
    .addColumn("version", "integer", (column) => column.primaryKey())
    .addColumn("applied_at", "bigint", (column) => column.notNull())
    .execute();
  const row = await versions
    .selectFrom("cerm_schema")
    .select(sql<number | null>`max(version)`.as("version"))
    .executeTakeFirst();
  const found = row?.version ?? 0;
  if (found > schemaVersion) {
    throw new CermError(
      "store-version",
      `the store ${options.store} has schema version ${found}; this program knows up to ${schemaVersion}: update it, or use another store`,
    );
  }
  for (let version = found + 1; version <= schemaVersion; version++) {
    await steps[version - 1]!(database);
    await versions.insertInto("cerm_schema").values({ version, applied_at: options.now }).execute();
  }
}
