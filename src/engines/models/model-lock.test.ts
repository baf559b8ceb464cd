import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isLocked, withLock } from "./model-lock.ts";

let folder = "";
let path = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "model-lock-"));
  path = join(folder, "m.lock");
});
afterEach(() => rm(folder, { recursive: true }));

const holder = (pid: number, host = hostname()) => JSON.stringify({ pid, host, token: "other" });
const deadPid = () => spawnSync(process.execPath, ["-e", ""]).pid;

describe("withLock", () => {
  it("lets one in at a time", async () => {
    let inside = 0;
    const work = async () => {
      expect(++inside).toBe(1);
      await sleep(3);
      inside--;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLock(path, { pollMs: 1 }, work)));
    expect(await readdir(folder)).toEqual([]);
  });

  it("takes over at once from a process that has ended; one of many takes it", async () => {
    await writeFile(path, holder(deadPid()));
    expect(await isLocked(path)).toBe(false);
    let inside = 0;
    const work = async () => {
      expect(++inside).toBe(1);
      await sleep(3);
      inside--;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLock(path, { pollMs: 1 }, work)));
    expect(await readdir(folder)).toEqual([]);
  });

  it("takes over from another machine only when it shows no sign of life", async () => {
    await writeFile(path, holder(1, "elsewhere"));
    await expect(withLock(path, { wait: false }, async () => {})).rejects.toThrow(
      "process 1 on elsewhere is pulling this model",
    );
    const old = new Date(Date.now() - 31_000);
    await utimes(path, old, old);
    expect(await withLock(path, { wait: false }, async () => "mine")).toBe("mine");
  });

  it("waits for a lock that was not written completely, and takes it over when it is old", async () => {
    await writeFile(path, "");
    await expect(withLock(path, { wait: false }, async () => {})).rejects.toMatchObject({ code: "model-busy" });
    await sleep(5);
    expect(await withLock(path, { wait: false, staleMs: 1 }, async () => "mine")).toBe("mine");
  });

  it("stays alive while it works, and is released when the work fails", async () => {
    const work = withLock(path, { heartbeatMs: 5 }, async () => {
      await sleep(600);
      throw new Error("failed");
    });
    const outcome = expect(work).rejects.toThrow("failed");
    await sleep(400);
    expect(await isLocked(path, 300)).toBe(true);
    await outcome;
    expect(await isLocked(path)).toBe(false);
  });

  it("tells the work when another has taken the lock, and leaves it to that one", async () => {
    const work = withLock(path, { heartbeatMs: 5 }, async (signal) => {
      await writeFile(path, holder(process.pid));
      await sleep(5_000, undefined, { signal }).catch(() => signal.throwIfAborted());
    });
    await expect(work).rejects.toThrow("another process took the lock over");
    expect(await readFile(path, "utf8")).toBe(holder(process.pid));
  });

  it("stops waiting when it is aborted", async () => {
    await writeFile(path, holder(process.pid));
    const controller = new AbortController();
    const waiting = withLock(path, { signal: controller.signal, onWait: () => controller.abort() }, async () => {});
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
  });
});
