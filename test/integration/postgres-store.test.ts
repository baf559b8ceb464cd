import { createHash } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStore } from "../../src/store/index.ts";
import { findPostgres, type PostgresCluster, startPostgres } from "./postgres-cluster.ts";

const keyOf = (name: string) => createHash("sha256").update(name).digest("hex");

const programs = findPostgres();
const skip = programs === undefined && process.env.CI === undefined;
if (skip)
  console.warn("postgres-store: skipped, there are no PostgreSQL server programs (install the package postgresql)");

describe.skipIf(skip)("a store in PostgreSQL", () => {
  let cluster: PostgresCluster;
  let databases = 0;

  beforeAll(async () => {
    if (programs === undefined)
      throw new Error("there are no PostgreSQL server programs; install the package postgresql");
    cluster = await startPostgres(programs);
  });
  afterAll(() => cluster?.stop());

  async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query(text);
    await client.end();
    return rows;
  }

  async function freshDatabase(): Promise<string> {
    const name = `test${databases++}`;
    await query(cluster.url(), `create database ${name}`);
    return cluster.url(name);
  }

  test("keeps first values, by table and key, over a reopening", async () => {
    const url = await freshDatabase();
    const store = await openStore(url, { clock: () => 1_700_000_000_123 });
    const value = { text: 'é😀\u0000\ud800 "quoted"', list: [1, null, 0.5] };
    const [first, second] = [store.put("criteria", keyOf("a"), value), store.put("criteria", keyOf("a"), "later")];
    expect(await store.get("criteria", keyOf("a"))).toEqual(value);
    await Promise.all([first, second]);
    await store.put("criteria", keyOf("a"), "later still");
    await store.close();
    const again = await openStore(url);
    expect(await again.get("criteria", keyOf("a"))).toEqual(value);
    expect(await again.get("evaluations", keyOf("a"))).toBeUndefined();
    await again.close();
    await expect(again.get("criteria", keyOf("a"))).rejects.toThrow("is closed");
    expect(await query(url, "select key, created_at::text from criteria")).toEqual([
      { key: keyOf("a"), created_at: "1700000000123" },
    ]);
  });

  test("many programs can open a new database at once", async () => {
    const url = await freshDatabase();
    const stores = await Promise.all(Array.from({ length: 6 }, () => openStore(url, { maxConnections: 2 })));
    await Promise.all(stores.map((store) => store.close()));
    expect(await query(url, "select version from cerm_schema")).toEqual([{ version: 1 }]);
  });

  test("programs that put the same keys in opposite orders neither deadlock nor disagree", async () => {
    const url = await freshDatabase();
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore(url, { maxConnections: 2 })));
    const names = Array.from({ length: 2000 }, (_, index) => `${index}`);
    await Promise.all(
      stores.map((store, who) => {
        const order = who % 2 === 0 ? names : names.toReversed();
        return Promise.all(order.map((name) => store.put("evaluations", keyOf(name), { who })));
      }),
    );
    for (const name of names.slice(0, 50)) {
      const values = await Promise.all(stores.map((store) => store.get("evaluations", keyOf(name))));
      expect(values).toEqual(Array(4).fill(values[0]));
    }
    expect(await query(url, "select count(*)::int as count from evaluations")).toEqual([{ count: 2000 }]);
    await Promise.all(stores.map((store) => store.close()));
  });

  test("a connection that the server ends is replaced", async () => {
    const url = await freshDatabase();
    const store = await openStore(url);
    await store.put("criteria", keyOf("a"), 1);
    await query(
      url,
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    );
    await expect.poll(() => store.get("criteria", keyOf("a")).catch(() => "failed"), { timeout: 20_000 }).toBe(1);
    await store.close();
  });

  test("a failed put is an error of the store, and later puts work", async () => {
    const url = await freshDatabase();
    const store = await openStore(url);
    await query(url, "alter table criteria rename to away");
    await expect(store.put("criteria", keyOf("a"), 1)).rejects.toMatchObject({
      code: "store-failed",
      message: expect.stringMatching(/^the store postgres:.* cannot be written: .*"criteria" does not exist/),
    });
    await query(url, "alter table away rename to criteria");
    await store.put("criteria", keyOf("a"), 2);
    expect(await store.get("criteria", keyOf("a"))).toBe(2);
    await store.close();
  });

  test("a store of a newer program is refused; a missing database is named", async () => {
    const url = await freshDatabase();
    await (await openStore(url)).close();
    await query(url, "insert into cerm_schema (version, applied_at) values (99, 0)");
    await expect(openStore(url)).rejects.toMatchObject({ code: "store-version" });
    await expect(openStore(cluster.url("absent"))).rejects.toThrow(
      'cannot be opened: database "absent" does not exist',
    );
  });
});
