import { spawn } from "node:child_process";
import { appendFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { type EngineState, isRunning } from "./engine-state.ts";
import { endGroup, groupMembers } from "./process-group.ts";
import { waitUntilReady } from "./wait-until-ready.ts";

let server: Server;
let state: EngineState;
/** Stands for SkyRL: two processes of one group, whose command line says so. */
async function startGroup(script: string): Promise<number> {
  const child = spawn("sh", ["-c", `${script} # skyrl.tinker.api`], { detached: true, stdio: "ignore" });
  await new Promise((resolve) => child.once("spawn", resolve));
  return child.pid!;
}

beforeEach(async () => {
  const folder = await temporaryFolder();
  server = createServer((_request, response) => response.end('{"status":"ok"}'));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const model = { name: "m", path: "/m", source: "/m", requested: "m" };
  const log = join(folder, "engine.log");
  await writeFile(log, "loading\n");
  state = {
    ...{ pid: await startGroup("sleep 60 & wait"), port, url: `http://127.0.0.1:${port}`, model, accelerator: "cpu" },
    ...{ backendConfig: {}, log, checkpoints: folder, startedAt: "2026-01-01T00:00:00Z", ready: false },
  };
});
afterEach(async () => {
  await endGroup(state.pid, 1_000);
  await new Promise((resolve) => server.close(resolve));
});

describe.skipIf(process.platform === "win32")("waitUntilReady", () => {
  it("waits for the engine below the server, which answers long before", async () => {
    const lines: string[] = [];
    const onProgress = (_seconds: number, line: string) => {
      lines.push(line);
      if (lines.length === 3) void appendFile(state.log, "2026 - INFO - skyrl: Starting background engine...\n");
    };
    await waitUntilReady(state, { pollMs: 10, onProgress });
    expect(lines.slice(0, 3)).toEqual(["loading", "loading", "loading"]);
  });

  it("tells an engine that ended with the end of its log", async () => {
    await appendFile(state.log, "RESOURCE_EXHAUSTED: Out of memory\n");
    await endGroup(state.pid);
    const failed = waitUntilReady(state, { pollMs: 10 });
    await expect(failed).rejects.toThrow(/loading\n {2}RESOURCE_EXHAUSTED[^\n]*\nIt ran out of memory: use a smaller/);
    await expect(failed).rejects.toMatchObject({ code: "engine-died" });
  });

  it("ends with its signal", async () => {
    const abort = new AbortController();
    const waiting = waitUntilReady(state, { pollMs: 10, signal: abort.signal });
    abort.abort(new Error("interrupted"));
    await expect(waiting).rejects.toThrow(/interrupted|aborted/);
  });
});

describe.skipIf(process.platform === "win32")("process groups", () => {
  it("end as a whole, also where a member ignores the request", async () => {
    const both = (group: number) => vi.waitFor(async () => expect(await groupMembers(group)).toHaveLength(2), 5000);
    await both(state.pid);
    const stubborn = await startGroup("trap '' TERM; sleep 60 & wait; sleep 60");
    // Its second member begins when it no longer listens.
    await both(stubborn);
    expect(await isRunning({ ...state, pid: stubborn })).toBe(true);
    await endGroup(state.pid);
    await endGroup(stubborn, 200);
    expect(await groupMembers(state.pid)).toEqual([]);
    expect(await groupMembers(stubborn)).toEqual([]);
  });

  it("of other programs are no engine", async () => {
    expect(await isRunning({ ...state, pid: process.pid })).toBe(false);
  });
});
