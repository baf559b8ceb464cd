import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { AppendHandle } from "./append-file.ts";
import { openResults, type ResultsFile } from "./open-results.ts";
import { temporaryFolder } from "./test-helpers.ts";

const settings = { model: "m", sampling: { temperature: 0 } };

async function outPath(): Promise<string> {
  return join(await temporaryFolder(), "out.jsonl");
}

async function writeResults(path: string, ids: string[]): Promise<void> {
  const results = await openResults(path, { settings });
  for (const id of ids) await results.append({ id, text: 'é"\n' });
  await results.close();
}

async function linesOf(path: string): Promise<{ id: string; run: string }[]> {
  const text = await readFile(path, "utf8");
  expect(text === "" || text.endsWith("\n")).toBe(true);
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

test("results are appended in order with their run, and found when the file is opened again", async () => {
  const path = await outPath();
  const first = await openResults(path, { settings });
  // Not awaited one by one: the order is that of the calls.
  await Promise.all(["a", "b", "c"].map((id) => first.append({ id, value: 1 })));
  expect([first.size, first.has("b"), first.has("d")]).toEqual([3, true, false]);
  await first.close();

  const second = await openResults(path, { settings: { sampling: { temperature: 0 }, model: "m" } });
  expect([second.size, second.has("a"), second.has("d"), second.run]).toEqual([3, true, false, first.run]);
  await second.append({ id: "d" });
  await second.close();
  expect(await linesOf(path)).toEqual([
    { id: "a", run: first.run, value: 1 },
    { id: "b", run: first.run, value: 1 },
    { id: "c", run: first.run, value: 1 },
    { id: "d", run: first.run },
  ]);
  expect(JSON.parse(await readFile(`${path}.run.json`, "utf8"))).toEqual({ run: first.run, settings });
});

test("cut at any byte, the file reopens with every whole line, none twice", async () => {
  const path = await outPath();
  const ids = ["a", "b", "c"];
  await writeResults(path, ids);
  const whole = await readFile(path);
  const ends = ids.map(
    (_, index) =>
      whole
        .toString("latin1")
        .split("\n")
        .slice(0, index + 1)
        .join("\n").length,
  );
  for (let length = 0; length <= whole.length; length++) {
    await writeFile(path, whole);
    await truncate(path, length);
    const results = await openResults(path, { settings });
    // A line whose text is there counts, even where its line end is not.
    const expected = ids.filter((_, index) => ends[index]! <= length);
    expect([length, ids.filter((id) => results.has(id))]).toEqual([length, expected]);
    for (const id of ids) if (!results.has(id)) await results.append({ id, text: 'é"\n' });
    await results.close();
    expect([length, await readFile(path)]).toEqual([length, whole]);
  }
});

test("results of other settings are refused, naming what differs; the file is left as it is", async () => {
  const path = await outPath();
  await writeResults(path, ["a"]);
  const before = await readFile(path);
  const other = { model: "m", sampling: { temperature: 0.7 }, mode: "implicit" };
  await expect(openResults(path, { settings: other })).rejects.toThrow(
    `${path}, line 1, run: this result was made with other settings (sampling.temperature was 0 and is now 0.7; mode was nothing and is now "implicit"); repeat the command with the same settings, or choose another file`,
  );
  await rm(`${path}.run.json`);
  await expect(openResults(path, { settings: other })).rejects.toThrow("made with other settings; repeat the command");
  expect(await readFile(path)).toEqual(before);
  await expect(stat(`${path}.lock`)).rejects.toThrow("ENOENT");
});

test.each([
  ['{"query":"q"}\n', 'line 1: not a result ("{\\"query\\":\\"q\\"}")'],
  ["my notes", "line 1: is not a results file; choose another file"],
])("a file of another kind is refused and left as it is: %j", async (content, message) => {
  const path = await outPath();
  await writeFile(path, content);
  await expect(openResults(path, { settings })).rejects.toThrow(message);
  expect(await readFile(path, "utf8")).toBe(content);
});

test("a damaged line in the middle and an id that is there twice are named", async () => {
  const path = await outPath();
  await writeResults(path, ["a", "b"]);
  const [a, b] = (await readFile(path, "utf8")).split("\n");
  await writeFile(path, `${a}\n${a!.slice(0, 9)}\n${b}\n`);
  await expect(openResults(path, { settings })).rejects.toThrow(`${path}, line 2: not a result`);
  await writeFile(path, `${a}\n${b}\n${a}\n`);
  await expect(openResults(path, { settings })).rejects.toThrow(
    `${path}, line 3, id: the result of "a" is also in line 1; delete one of the lines`,
  );
});

test("a folder or device is refused; a missing folder is made", async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "x.jsonl"));
  await expect(openResults(join(folder, "x.jsonl"), { settings })).rejects.toThrow("is not a regular file");
  await writeResults(join(folder, "new", "deep", "x.jsonl"), ["a"]);
  expect(await linesOf(join(folder, "new", "deep", "x.jsonl"))).toHaveLength(1);
});

test("a file that is being written is refused to others, until it is closed", async () => {
  const path = await outPath();
  const first = await openResults(path, { settings });
  await expect(openResults(path, { settings })).rejects.toThrow(
    `${path}: process ${process.pid} on ${hostname()} is writing this file; wait for it or choose another file (if no such process runs any more, delete ${path}.lock)`,
  );
  await first.close();
  await first.close();
  await (await openResults(path, { settings })).close();
});

test("the lock of a dead process is taken over, by one of many", async () => {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  const path = await outPath();
  await writeFile(`${path}.lock`, JSON.stringify({ pid: child.pid, host: hostname(), token: "0123456789" }));
  const opened = await Promise.allSettled(Array.from({ length: 20 }, () => openResults(path, { settings })));
  const winners = opened.flatMap((one): ResultsFile[] => (one.status === "fulfilled" ? [one.value] : []));
  expect(winners).toHaveLength(1);
  await winners[0]!.append({ id: "a" });
  await winners[0]!.close();
  expect(await linesOf(path)).toHaveLength(1);
});

test.runIf(process.platform === "linux")("a later process with the same pid does not keep a dead lock", async () => {
  const path = await outPath();
  const lock = { pid: process.pid, host: hostname(), started: "1", token: "0123456789" };
  await writeFile(`${path}.lock`, JSON.stringify(lock));
  await (await openResults(path, { settings })).close();
});

test("locks that cannot be judged are respected: another machine's, and one that cannot be read", async () => {
  const path = await outPath();
  await writeFile(`${path}.lock`, JSON.stringify({ pid: 1, host: "elsewhere", token: "0123456789" }));
  await expect(openResults(path, { settings })).rejects.toThrow("process 1 on elsewhere is writing this file");
  await writeFile(`${path}.lock`, "");
  await expect(openResults(path, { settings })).rejects.toThrow("another process is writing this file");
});

/** A handle over the real file that fails or counts as told. */
function instrumented(plan: { failAt?: number; code?: string }): {
  openFile: (path: string) => Promise<AppendHandle>;
  calls: string[];
} {
  const calls: string[] = [];
  const openFile = async (path: string): Promise<AppendHandle> => {
    const handle = await open(path, "a+").then(async (made) => {
      await made.close();
      return await open(path, "r+");
    });
    let writes = 0;
    return {
      async write(bytes, offset, length, position) {
        calls.push("write");
        if (++writes < (plan.failAt ?? Number.POSITIVE_INFINITY))
          return await handle.write(bytes, offset, length, position);
        // As a full disk does: a part is accepted, then nothing.
        if (writes === plan.failAt) return await handle.write(bytes, offset, 5, position);
        throw Object.assign(new Error("no"), { code: plan.code });
      },
      truncate: (length) => handle.truncate(length),
      async datasync() {
        calls.push("sync");
        await handle.datasync();
      },
      close: () => handle.close(),
    };
  };
  return { openFile, calls };
}

test.each([
  ["ENOSPC", "the disk is full; free some space"],
  ["EPIPE", "what reads the output was closed"],
])("%s while writing keeps the whole lines and says what to do", async (code, reason) => {
  const path = await outPath();
  const { openFile } = instrumented({ failAt: 3, code });
  const results = await openResults(path, { settings, openFile });
  const appended = await Promise.allSettled(["a", "b", "c", "d"].map((id) => results.append({ id })));
  expect(appended.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "rejected"]);
  await expect(results.close()).rejects.toMatchObject({
    code: "output-failed",
    message: expect.stringContaining(`${path}: the results cannot be written: ${reason}`),
  });
  expect((await linesOf(path)).map(({ id }) => id)).toEqual(["a", "b"]);
  // The lock is given back all the same.
  const again = await openResults(path, { settings });
  expect(again.size).toBe(2);
  await again.close();
});

test("lines reach the disk after the given time, at once with 0, and on close", async () => {
  const each = instrumented({});
  const first = await openResults(await outPath(), { settings, openFile: each.openFile, syncMilliseconds: 0 });
  await first.append({ id: "a" });
  expect(each.calls).toEqual(["write", "sync"]);
  await first.close();

  const timed = instrumented({});
  const second = await openResults(await outPath(), { settings, openFile: timed.openFile, syncMilliseconds: 300 });
  await Promise.all([second.append({ id: "a" }), second.append({ id: "b" })]);
  expect(timed.calls).toEqual(["write", "write"]);
  await expect.poll(() => timed.calls, { timeout: 10_000 }).toEqual(["write", "write", "sync"]);
  await second.append({ id: "c" });
  await second.close();
  expect(timed.calls).toEqual(["write", "write", "sync", "write", "sync"]);
});

test("an id cannot get two results, and a closed file takes none", async () => {
  const results = await openResults(await outPath(), { settings });
  await results.append({ id: "a" });
  await expect(results.append({ id: "a" })).rejects.toThrow('"a" has a result already');
  await results.close();
  await expect(results.append({ id: "b" })).rejects.toThrow("is closed");
});

test("an aborted signal stops opening with its reason", async () => {
  const path = await outPath();
  const reason = new Error("enough");
  await expect(openResults(path, { settings, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test("the settings stand where the caller wants them, beside what is not compared", async () => {
  const path = await outPath();
  const sidecar = `${path}-run.json`;
  const write = async (version: string, id: string) => {
    const results = await openResults(path, { settings, sidecar, about: { version } });
    await results.append({ id });
    await results.close();
  };
  await write("1", "a");
  await write("2", "b");
  const run = (await linesOf(path))[0]!.run;
  expect(JSON.parse(await readFile(sidecar, "utf8"))).toEqual({ version: "1", run, settings });
  await expect(stat(`${path}.run.json`)).rejects.toThrow("ENOENT");
  await expect(openResults(path, { settings: { model: "n" }, sidecar })).rejects.toThrow(
    /model was "m" and is now "n"/,
  );
});

test("results to be made again are taken out, the others stay as they are", async () => {
  const path = await outPath();
  const first = await openResults(path, { settings });
  for (const id of ["a", "b", "c"]) await first.append({ id, failed: id === "b" });
  await first.close();

  const second = await openResults(path, { settings, retry: (result) => result.failed === true });
  expect([second.size, second.has("a"), second.has("b"), second.has("c")]).toEqual([2, true, false, true]);
  await second.append({ id: "b", failed: false });
  await second.close();
  expect((await linesOf(path)).map(({ id }) => id)).toEqual(["a", "c", "b"]);
});

test("a file of other settings loses nothing by being asked to retry", async () => {
  const path = await outPath();
  await writeResults(path, ["a"]);
  const before = await readFile(path, "utf8");
  await expect(openResults(path, { settings: { model: "other" }, retry: () => true })).rejects.toThrow(
    "other settings",
  );
  expect(await readFile(path, "utf8")).toBe(before);
});
