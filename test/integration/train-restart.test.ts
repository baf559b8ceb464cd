import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readTrainRun } from "../../src/train/checkpoints/index.ts";
import { freePort } from "../../src/train/engine/launch-engine.ts";
import { groupMembers } from "../../src/train/engine/process-group.ts";
import { succeeds, TinyTraining } from "../tiny-training.ts";
import { startWatchingProxy } from "./watching-proxy.ts";

// A SkyRL that is not there, dies under a training and comes back, or stays away. The command that waits for one which
// does not come is started first and looked at last.
type Command = ReturnType<TinyTraining["cerm"]>;
let tiny: TinyTraining;
let nowhere = "";
let early: Command;

beforeAll(async () => {
  tiny = await TinyTraining.start();
  nowhere = `http://127.0.0.1:${await freePort()}`;
  early = tiny.sft("early", { steps: 9, baseUrl: nowhere });
});
afterAll(() => tiny?.end());

/** Resolves when a running command has got somewhere. Rejects where it ends before. */
async function until(command: Command, isThere: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isThere())) {
    const ended = await Promise.race([command.ended, sleep(5)]);
    if (ended !== undefined) throw new Error(`the command has ended: ${ended.err}`);
  }
}

/** Step of a run's last checkpoint; `undefined` where there is none yet. */
async function lastCheckpoint(run: string): Promise<number | undefined> {
  const read = await readTrainRun(tiny.at(run)).catch(() => undefined);
  return read?.checkpoints.at(-1)?.step;
}

/** Kills the engine with all its processes, as a system does that has no memory left. */
async function killEngine(): Promise<void> {
  process.kill(-tiny.engine.pid, "SIGKILL");
  await expect.poll(() => groupMembers(tiny.engine.pid)).toEqual([]);
}

/** Expects the numbers of a run in every line of another, whatever is measured in time left out. */
async function expectSameMetrics(run: string, whole: string, steps: number): Promise<void> {
  const [got, expected] = await Promise.all([run, whole].map((name) => tiny.readLines(name)));
  expect(got!.map(({ step }) => step)).toEqual(Array.from({ length: steps + 1 }, (_, step) => step));
  for (const [index, line] of got!.entries())
    for (const [name, value] of Object.entries(expected![index]!)) {
      if (/^(time|seconds|rate|busy|meanCalls)/.test(name)) continue;
      const what = `${name} of step ${line.step}`;
      if (typeof value === "number") expect(Math.abs(line[name]! - value), what).toBeLessThan(1e-5);
      else expect(line[name], what).toEqual(value);
    }
}

describe("a server that is killed and started again under a command", () => {
  const patient = ["--restarts", "20"];

  test("SFT goes on from its last checkpoint, and ends as if nothing had been", async () => {
    await succeeds(tiny.sft("sft", { steps: 30 }));
    const running = tiny.sft("sft-lost", { steps: 9, more: patient });
    // The last checkpoint is of step 4: step 5 is taken twice, and written once.
    await until(running, () => running.written.err.includes("step 5 of 9"));
    await killEngine();
    const unnamed = tiny.cerm("train", "sft", "--data", tiny.at("train.jsonl"), "--out", tiny.at("unnamed"));
    expect(await unnamed.ended).toMatchObject({
      code: 2,
      err: expect.stringMatching(/has ended by itself, or was killed .*start it again \(cerm engine up --model /),
    });
    await tiny.engineUp("--port", String(tiny.engine.port));
    const { err } = await succeeds(running);
    expect(err).toMatch(/; beginning again at the last checkpoint\n[\s\S]*step 5 of 9/);
    await expectSameMetrics("sft-lost", "sft", 9);
  });

  test("RL goes on from its last checkpoint, and ends as if nothing had been", async () => {
    await succeeds(tiny.rl("rl", { steps: 2 }));
    const running = tiny.rl("rl-lost", { steps: 2, more: patient });
    await until(running, async () => (await lastCheckpoint("rl-lost")) === 1);
    const { port, pid } = tiny.engine;
    await killEngine();
    // Without being told so, it takes the port of the one that is gone.
    await tiny.engineUp();
    expect(tiny.engine.port).toBe(port);
    expect(tiny.engine.pid).not.toBe(pid);
    const { err } = await succeeds(running);
    expect(err).toMatch(/; beginning again at the last checkpoint\n[\s\S]*going on after step 1 of 2/);
    await expectSameMetrics("rl-lost", "rl", 2);
    expect(await tiny.readLines("rl-lost", "samples")).toEqual(await tiny.readLines("rl", "samples"));
  });
});

describe("a server that is away", () => {
  test("and stays away ends the command, which goes on later from where it was", async () => {
    const proxy = await startWatchingProxy(tiny.engine.url, (path) => {
      if (path.endsWith("/forward_backward") && /step 3 of 6/.test(lost.written.err)) proxy.close();
    });
    const lost = tiny.sft("sft-away", { steps: 6, baseUrl: proxy.url, more: ["--restarts", "0"] });
    const { code, err } = await lost.ended;
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(`${proxy.url}/api/v1`) });
    expect(err).toContain("when it is back, the same command goes on from the last checkpoint");
    expect(await lastCheckpoint("sft-away")).toBe(3);
    const { out } = await succeeds(tiny.sft("sft-away", { steps: 6 }));
    expect(JSON.parse(out)).toMatchObject({ step: 6, resumedAt: 3 });
    await expectSameMetrics("sft-away", "sft", 6);
  });

  test("when a command begins ends it, and says where it was looked for", async () => {
    const { code, err } = await early.ended;
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringContaining(`error: create_session: ${nowhere}/api/v1 does not answer`),
    });
    expect(err).toMatch(/^create_session: attempt 3 of 8 at \S+ failed; trying again\n/);
    expect(err).toContain("Is the server up?");
  });
});
