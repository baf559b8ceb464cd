import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Checkpoint } from "./checkpoint.ts";
import { openTrainRun, type TrainRunOptions } from "./train-run.ts";

const state = z.object({ position: z.int() });
type State = z.infer<typeof state>;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "cerm-train-"));
});
afterEach(() => rm(directory, { recursive: true }));

function open(options: Partial<TrainRunOptions<State>> = {}) {
  const settings = { seed: 0, learningRate: 1e-5 };
  const extent = { totalSteps: 9, settings: ["steps"] };
  const defaults = {
    directory,
    method: "sft" as const,
    settings,
    extent,
    state,
    keepLast: 2,
    better: "lower" as const,
  };
  return openTrainRun<State>({ ...defaults, version: "1.2.3", now: () => 0, ...options });
}

function checkpoint(step: number, score?: number): Checkpoint<State> {
  return { step, path: `tinker://model/step-${step}`, savedAt: "then", score, state: { position: step * 10 } };
}

const steps = async (name: string) =>
  (await readFile(join(directory, name), "utf8"))
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { step: number }).step);

describe("checkpoints", () => {
  test("the last ones and the best are kept, and the others are discarded at the server", async () => {
    const discarded: number[] = [];
    const run = await open({ discard: async ({ step }) => void discarded.push(step) });
    for (const one of [checkpoint(1, 0.9), checkpoint(2, 0.5), checkpoint(3, 0.7), checkpoint(4, 0.5), checkpoint(5)])
      await run.ledger.record(one);
    await run.close();
    expect(run.ledger.checkpoints.map(({ step }) => step)).toEqual([2, 4, 5]);
    expect(run.ledger.best?.step).toBe(2);
    expect(discarded).toEqual([1, 3]);
  });

  test("one that could not be discarded is tried again", async () => {
    let down = true;
    const discarded: number[] = [];
    const discard = async ({ step }: Checkpoint<State>) => {
      if (down) throw new Error("the server is down");
      discarded.push(step);
    };
    const run = await open({ keepLast: 1, discard });
    await run.ledger.record(checkpoint(1));
    await run.ledger.record(checkpoint(2));
    await run.close();
    down = false;
    const next = await open({ keepLast: 1, discard });
    await next.ledger.record(checkpoint(3));
    await next.close();
    expect(discarded).toEqual([1, 2]);
  });

  test("a run goes on from the last one, with its state", async () => {
    const run = await open();
    expect(run.resumeFrom).toBeUndefined();
    await run.ledger.record(checkpoint(3, 0.25));
    await run.close();
    const next = await open();
    await next.close();
    expect(next.resumeFrom).toEqual(checkpoint(3, 0.25));
  });

  test("a list that something else has written is refused, with its place", async () => {
    await writeFile(
      join(directory, "checkpoints.json"),
      '{"format": 1, "better": "lower", "checkpoints": [{"step": 1}]}',
    );
    await expect(open()).rejects.toThrow(/checkpoints\.json, checkpoints\.0\.path: is not a list of checkpoints/);
  });
});

describe("logs", () => {
  test("what comes after the checkpoint, and a line that was cut off, is gone after a kill; what is before stays", async () => {
    const run = await open();
    const rollouts = await run.openLog("rollouts");
    for (const step of [1, 2, 3, 4]) {
      await run.metrics.append({ step, loss: 1 / step });
      await rollouts.append({ step, text: "first" });
      await rollouts.append({ step, text: "line\u2028separator" });
      if (step === 2) await run.ledger.record(checkpoint(2));
    }
    await run.close();
    await appendFile(join(directory, "metrics.jsonl"), '{"step": 5, "lo');
    const next = await open();
    await (await next.openLog("rollouts")).append({ step: 3, text: "again" });
    await next.metrics.append({ step: 3 });
    await next.close();
    expect(await steps("metrics.jsonl")).toEqual([1, 2, 3]);
    expect(await steps("rollouts.jsonl")).toEqual([1, 1, 2, 2, 3]);
  });

  test("without a checkpoint everything begins anew", async () => {
    const run = await open();
    await run.metrics.append({ step: 0, heldOutLoss: 3 });
    await run.close();
    await (await open()).close();
    expect(await steps("metrics.jsonl")).toEqual([]);
  });

  test("a file of something else is left as it is", async () => {
    await writeFile(join(directory, "metrics.jsonl"), '{"time": "now"}\n');
    await expect(open()).rejects.toThrow("metrics.jsonl, line 1: is no line about a training step");
    expect(await readFile(join(directory, "metrics.jsonl"), "utf8")).toBe('{"time": "now"}\n');
  });
});

describe("the directory", () => {
  test("says what was asked", async () => {
    await (await open({ about: { model: "tiny" } })).close();
    expect(JSON.parse(await readFile(join(directory, "run.json"), "utf8"))).toEqual({
      ...{ kind: "train", method: "sft", format: 1, startedAt: "1970-01-01T00:00:00.000Z", version: "1.2.3" },
      ...{ model: "tiny", run: expect.stringMatching(/^[0-9a-f]{12}$/), settings: { seed: 0, learningRate: 1e-5 } },
    });
  });

  test("is not continued with other settings, and the difference is named", async () => {
    await (await open()).close();
    await expect(open({ settings: { seed: 0, learningRate: 1e-4 } })).rejects.toThrow(
      "learningRate was 0.00001 and is now 0.0001",
    );
  });

  test("is continued with more steps, which run.json then says, but not with fewer than were taken", async () => {
    const withSteps = (steps: number | undefined, fixedBecause?: string) =>
      open({ settings: { seed: 0, steps }, extent: { totalSteps: steps ?? 5, settings: ["steps"], fixedBecause } });
    const written = async () => JSON.parse(await readFile(join(directory, "run.json"), "utf8"));
    const run = await withSteps(undefined);
    await run.ledger.record(checkpoint(5));
    await run.close();
    const before = await written();
    const longer = await withSteps(8);
    await longer.close();
    expect(longer.resumeFrom?.step).toBe(5);
    expect(await written()).toEqual({ ...before, run: longer.run, settings: { seed: 0, steps: 8 } });
    await expect(withSteps(4)).rejects.toThrow(/^steps: the run in .* has taken 5 steps, and 4 in all are asked for/);
    await expect(withSteps(9, "rates depend on it")).rejects.toThrow(
      "(steps was 8 and is now 9): rates depend on it; repeat its command",
    );
    expect(await written()).toMatchObject({ settings: { steps: 8 } });
    const settings = { seed: 1, steps: 9 };
    await expect(open({ settings })).rejects.toThrow("seed was 0 and is now 1; steps was 8 and is now 9");
  });

  test("of another method or command is refused", async () => {
    await (await open()).close();
    await expect(open({ method: "rl" })).rejects.toThrow('is not the description of a run of "cerm train rl"');
    await writeFile(join(directory, "run.json"), '{"kind": "bench", "run": "abc", "settings": {}}');
    await expect(open()).rejects.toThrow('is not the description of a run of "cerm train sft"');
  });

  test("belongs to one process at a time", async () => {
    const run = await open();
    await expect(open()).rejects.toThrow("is writing this file");
    await run.close();
    await (await open()).close();
  });
});
