import { readdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { acquireFileLock, type Holder, takeOver } from "./file-lock.ts";
import { temporaryFolder } from "./test-helpers.ts";

const holder = (token: string): Holder => ({ pid: process.pid, host: hostname(), token });

test("a lock is held by one and leaves nothing behind", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "x.lock");
  const lock = await acquireFileLock(path, "x");
  expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ pid: process.pid, host: hostname() });
  await expect(acquireFileLock(path, "x")).rejects.toThrow(`x: process ${process.pid} on`);
  await lock.release();
  await lock.release();
  expect(await readdir(folder)).toEqual([]);
});

test("a dead lock that was replaced in the meantime is not replaced again", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "x.lock");
  const [dead, living, late] = [holder("dead-token"), holder("living-token"), holder("late-token")];
  await writeFile(path, JSON.stringify(dead));
  expect(await takeOver(path, dead, living, "x")).toBe(true);
  // This one had found the lock dead, too, and was slower.
  expect(await takeOver(path, dead, late, "x")).toBe(false);
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual(living);
  expect(await readdir(folder)).toEqual(["x.lock"]);
});

test("releasing does not remove a lock that has become someone else's", async () => {
  const path = join(await temporaryFolder(), "x.lock");
  const lock = await acquireFileLock(path, "x");
  await writeFile(path, JSON.stringify(holder("other")));
  await lock.release();
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual(holder("other"));
});
