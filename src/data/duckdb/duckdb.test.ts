import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../test-helpers.ts";
import { openDuckdb } from "./open-duckdb.ts";
import { RowAppender } from "./row-appender.ts";

test("a temporary database is gone when it is closed, also after an error", async () => {
  const temporary = await temporaryFolder();
  let path = "";
  const work = async () => {
    await using db = await openDuckdb({ temporaryFolder: temporary });
    path = db.path;
    await db.connection.run("CREATE TABLE t (a INTEGER)");
    const appender = await RowAppender.open(db.connection, "t");
    appender.append([1]);
    expect(existsSync(path)).toBe(true);
    throw new Error("stopped");
  };
  await expect(work()).rejects.toThrow("stopped");
  expect(path.startsWith(temporary)).toBe(true);
  expect(await readdir(temporary)).toEqual([]);
});

test("a database of a file stays, and is made with its folder", async () => {
  const path = join(await temporaryFolder(), "new", "run.duckdb");
  {
    await using db = await openDuckdb({ path, threads: 1, memoryMiB: 64 });
    await db.connection.run("CREATE TABLE t AS SELECT 7 AS a");
  }
  await using db = await openDuckdb({ path });
  const further = await db.connect();
  expect((await further.runAndReadAll("SELECT a FROM t")).getRowObjects()).toEqual([{ a: 7 }]);
});

test("memory and threads are those that were asked for, and nothing is fetched from the network", async () => {
  await using db = await openDuckdb({ threads: 1, memoryMiB: 64 });
  const setting = async (name: string) =>
    (await db.connection.runAndReadAll(`SELECT current_setting('${name}') AS value`)).getRowObjects()[0]!.value;
  expect(await setting("memory_limit")).toBe("64.0 MiB");
  expect(await setting("threads")).toBe(1n);
  expect(await setting("autoinstall_known_extensions")).toBe(false);
});

test("rows of every type are there after close, whatever the size of a batch", async () => {
  await using db = await openDuckdb();
  await db.connection.run(
    "CREATE TABLE t (a VARCHAR, b DOUBLE, c INTEGER, d BIGINT, e BOOLEAN, f BLOB, g UBIGINT, h UINTEGER, i FLOAT)",
  );
  const appender = await RowAppender.open(db.connection, "t", { flushBytes: 100 });
  const row = ["nul \0 and 😀", 0.1, -3, 12, true, Uint8Array.of(1, 2), 2n ** 63n, 4_000_000_000, 0.5] as const;
  for (let index = 0; index < 50; index++) appender.append(row);
  appender.append(row.map(() => undefined));
  appender.close();
  const rows = (await db.connection.runAndReadAll("SELECT * FROM t")).getRowsJS();
  expect(rows).toHaveLength(51);
  expect(rows[49]).toEqual([row[0], 0.1, -3, 12n, true, Buffer.of(1, 2), 2n ** 63n, 4_000_000_000, 0.5]);
  expect(rows[50]).toEqual(row.map(() => null));
});

test("a row of another width, and a column of another type, are refused", async () => {
  await using db = await openDuckdb();
  await db.connection.run("CREATE TABLE t (a VARCHAR, b DATE)");
  await expect(RowAppender.open(db.connection, "t")).rejects.toThrow("column 1 has type DATE");
  await db.connection.run("CREATE TABLE u (a VARCHAR)");
  const appender = await RowAppender.open(db.connection, "u");
  expect(() => appender.append(["a", "b"])).toThrow("expected 1 cells (as many as columns), got 2");
});
