import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { chooseCheckpoint, readTrainRun } from "./read-train-run.ts";
import { savedWeightsPath } from "./saved-weights-path.ts";
import { openTrainRun } from "./train-run.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "cerm-train-"));
});
afterEach(() => rm(directory, { recursive: true }));

const open = () =>
  openTrainRun({
    ...{ directory, method: "rl", settings: { seed: 1 }, about: { baseModel: "tiny" }, version: "1.2.3" },
    ...{ state: z.unknown(), keepLast: 3, better: "higher", extent: { totalSteps: 3, settings: [] } },
  });

test("a run is read while it is going on, and its checkpoints are found by name", async () => {
  const run = await open();
  for (const [step, score] of [[1, 0.5] as const, [2, 0.75] as const, [3, 0.6] as const])
    await run.ledger.record({ step, path: `tinker://m/${step}`, savedAt: "then", score, state: {} });
  const read = await readTrainRun(directory);
  await run.close();
  expect(read).toMatchObject({ method: "rl", settings: { seed: 1 }, about: { baseModel: "tiny" }, version: "1.2.3" });
  expect(chooseCheckpoint(read, "best").step).toBe(2);
  expect(chooseCheckpoint(read, "last").step).toBe(3);
  expect(chooseCheckpoint(read, 1).path).toBe("tinker://m/1");
  expect(() => chooseCheckpoint(read, 7)).toThrow("has no checkpoint of step 7; it has those of the steps 1, 2, 3");
});

test("weights to begin with are a path, or a run's best checkpoint, its last where none was measured", async () => {
  expect(await savedWeightsPath("tinker://m/weights/x")).toBe("tinker://m/weights/x");
  const run = await open();
  await run.ledger.record({ step: 1, path: "tinker://m/1", savedAt: "then", state: {} });
  await run.ledger.record({ step: 2, path: "tinker://m/2", savedAt: "then", state: {} });
  expect(await savedWeightsPath(directory)).toBe("tinker://m/2");
  await run.ledger.record({ step: 3, path: "tinker://m/3", savedAt: "then", score: 0.9, state: {} });
  await run.ledger.record({ step: 4, path: "tinker://m/4", savedAt: "then", score: 0.5, state: {} });
  await run.close();
  expect(await savedWeightsPath(directory)).toBe("tinker://m/3");
});

test("a run without a checkpoint, and what is no run, say so", async () => {
  await expect(readTrainRun(directory)).rejects.toThrow("run.json: is not there; name the directory of a training run");
  await (await open()).close();
  const read = await readTrainRun(directory);
  expect(() => chooseCheckpoint(read, "last")).toThrow("has no checkpoint yet");
  await writeFile(join(directory, "run.json"), '{"kind": "bench"}');
  await expect(readTrainRun(directory)).rejects.toThrow("run.json, kind: is not the description of a training run");
});
