import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { TinkerError } from "../../tinker/tinker-error.ts";
import type { Trainer } from "../../tinker/trainer.ts";
import { readLedger } from "../checkpoints/index.ts";
import type { SftExample } from "./example.ts";
import type { SftOptions } from "./sft-options.ts";
import { FakeTrainingServer, type TrainerCall } from "./testing/fake-trainer.ts";
import { trainSft } from "./train-sft.ts";

let root: string;
let out: string;
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "cerm-sft-"));
});
afterAll(() => rm(root, { recursive: true }));
const newDirectory = () => join(root, String(count++));
beforeEach(() => {
  out = newDirectory();
});

/** Examples of different lengths; the last third of each is trained on. */
function examples(n: number, start = 0): SftExample[] {
  return Array.from({ length: n }, (_, index) => {
    const length = 5 + ((index * 37) % 90);
    const tokens = Int32Array.from({ length }, (_, position) => (start + index) * 1000 + position);
    return { id: `c${start + index}`, tokens, mask: Uint8Array.from(tokens, (_, t) => (t * 3 >= length * 2 ? 1 : 0)) };
  });
}

/** Trains until the end, in as many processes as it takes, and gives the weights at the end. */
async function trainToEnd(
  server: FakeTrainingServer,
  { settings, ...options }: Partial<SftOptions> = {},
): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt++) {
    let trainer: (Trainer & { weights: string }) | undefined;
    try {
      await trainSft({
        ...{ out, train: examples(20), identity: { model: "tiny" }, version: "1", tokenBudget: 200 },
        settings: { batchSize: 3, epochs: 2, ...settings },
        openTrainer: async () => {
          trainer = server.createModel();
          return trainer;
        },
        ...options,
      });
      return trainer?.weights ?? "not opened";
    } catch (error) {
      if ((error as Error).message !== "killed") throw error;
    }
  }
  throw new Error("it never ended");
}

const lines = async () =>
  (await readFile(join(out, "metrics.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe("a run", () => {
  test("takes every conversation once an epoch, in another order each, and one step a batch", async () => {
    const server = new FakeTrainingServer();
    await trainToEnd(server);
    const steps: number[][] = [[]];
    for (const call of server.calls) {
      if (call.kind === "forwardBackward")
        steps.at(-1)!.push(...call.data.map(({ input }) => Math.floor(input[0]! / 1000)));
      if (call.kind === "optimStep") steps.push([]);
    }
    steps.pop();
    expect(steps.map(({ length }) => length)).toEqual([3, 3, 3, 3, 3, 3, 2, 3, 3, 3, 3, 3, 3, 2]);
    const all = [...Array(20).keys()];
    expect(
      steps
        .slice(0, 7)
        .flat()
        .sort((a, b) => a - b),
    ).toEqual(all);
    expect(
      steps
        .slice(7)
        .flat()
        .sort((a, b) => a - b),
    ).toEqual(all);
    expect(steps.slice(0, 7).flat()).not.toEqual(steps.slice(7).flat());
  });

  test("weights of a step sum to 1 over all its requests", async () => {
    const server = new FakeTrainingServer();
    await trainToEnd(server, { tokenBudget: 1, settings: { steps: 1 } });
    const passes = server.calls.flatMap((call) => (call.kind === "forwardBackward" ? [call] : []));
    expect(passes).toHaveLength(3);
    const sum = passes.flatMap(({ data }) => data.flatMap(({ weights }) => [...weights!])).reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(1, 6);
  });

  test("tells the mean loss per trained token, not per conversation or request", async () => {
    const long = { id: "a", tokens: new Int32Array(101).fill(1), mask: new Uint8Array(101).fill(1) };
    const short = { id: "b", tokens: new Int32Array(26).fill(2), mask: new Uint8Array(26).fill(1) };
    const server = new FakeTrainingServer({ logprob: ({ input }) => (input[0] === 1 ? -1 : -6) });
    await trainToEnd(server, { train: [long, short], tokenBudget: 1, settings: { epochs: 1 } });
    expect((await lines()).map(({ step, loss, trainedTokens }) => ({ step, loss, trainedTokens }))).toEqual([
      { step: 1, loss: (100 * 1 + 25 * 6) / 125, trainedTokens: 125 },
    ]);
  });

  test("measures the held-out loss before, every k steps and at the end, and keeps the best and the last checkpoints", async () => {
    const losses = [9, 5, 3, 4, 4.5, 4.6];
    let forwards = 0;
    const server = new FakeTrainingServer({
      beforeCall: ({ kind }) => void (kind === "forward" && forwards++),
      logprob: ({ input }) => (input[0]! >= 900_000 ? -losses[forwards - 1]! : -1),
    });
    const heldOut = examples(1, 900);
    await trainToEnd(server, { heldOut, evaluateEvery: 3, checkpointEvery: 3, keepLast: 1, tokenBudget: 10_000 });
    const measured = (await lines()).filter(({ heldOutLoss }) => heldOutLoss !== undefined);
    expect(measured.map(({ step, heldOutLoss }) => [step, heldOutLoss])).toEqual([
      ...[
        [0, 9],
        [3, 5],
        [6, 3],
        [9, 4],
        [12, 4.5],
        [14, expect.closeTo(4.6)],
      ],
    ]);
    const ledger = await readLedger(join(out, "checkpoints.json"), z.unknown());
    expect(ledger?.checkpoints.map(({ step }) => step)).toEqual([6, 14]);
  });

  test("deletes weights at the server that are no longer wanted", async () => {
    const server = new FakeTrainingServer();
    await trainToEnd(server, {
      ...{ checkpointEvery: 2, keepLast: 2 },
      deleteWeights: async (path) => void server.saved.delete(path),
    });
    expect([...server.saved.keys()]).toEqual([
      ...["step-000012", "sampler-step-000012", "step-000014", "sampler-step-000014"].map(
        (name) => `tinker://model-0/${name}`,
      ),
    ]);
  });

  test("stops before the step where the loss is no number, and says which checkpoint is left", async () => {
    const server = new FakeTrainingServer();
    let steps = 0;
    server.options = {
      beforeCall: ({ kind }) => void (kind === "optimStep" && steps++),
      logprob: () => (steps === 5 ? Number.NaN : -1),
    };
    await expect(trainToEnd(server, { checkpointEvery: 2 })).rejects.toThrow(
      "the loss of step 6 is NaN, so training has stopped. The checkpoint of step 4 is kept",
    );
    expect(steps).toBe(5);
  });

  test("refuses an answer that does not fit the data", async () => {
    const server = new FakeTrainingServer();
    const openTrainer = async () => ({
      ...server.createModel(),
      forwardBackward: async () => ({ logprobs: [], metrics: {} }),
    });
    await expect(trainToEnd(server, { openTrainer })).rejects.toThrow("does not speak the protocol");
  });

  test.each([
    [{ batchSize: 0 }, "batchSize: Too small"],
    [{ learningRate: 2 }, "learningRate: Too big"],
    [{ warmup: 1.5 }, "warmup: Too big"],
  ])("refuses %o", async (options, message) => {
    await expect(trainToEnd(new FakeTrainingServer(), { settings: options })).rejects.toThrow(message);
  });
});

describe("resume", () => {
  /** Everything a step's line says except when it was and how long it took. */
  const timeless = async () => (await lines()).map(({ time: _time, seconds: _seconds, ...rest }) => rest);

  test("killed at any calls, it comes to the same weights and the same steps", async () => {
    const options = { checkpointEvery: 3, heldOut: examples(2, 900), evaluateEvery: 4 };
    const server = new FakeTrainingServer();
    const weights = await trainToEnd(server, options);
    const steps = await timeless();
    const calls = server.calls.length;
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(calls * 2), { minLength: 1, maxLength: 6 }), async (kills) => {
        out = newDirectory();
        let call = 0;
        const killed = new FakeTrainingServer({
          beforeCall: () => {
            if (kills.includes(call++)) throw new Error("killed");
          },
        });
        expect(await trainToEnd(killed, options)).toBe(weights);
        expect(await timeless()).toEqual(steps);
      }),
      { numRuns: 40 },
    );
  });

  test("a server that was lost is gone back to, as often as allowed; one that is wrong is not", async () => {
    const weights = await trainToEnd(new FakeTrainingServer(), { checkpointEvery: 3 });
    const lost = new TinkerError("forgotten", "the model is not loaded", { resumable: true });
    const failing = (error: Error, at: number[]) => {
      let steps = 0;
      const beforeCall = ({ kind }: TrainerCall) => {
        if (kind === "optimStep" && at.includes(++steps)) throw error;
      };
      out = newDirectory();
      return new FakeTrainingServer({ beforeCall });
    };
    const said: string[] = [];
    const options = { checkpointEvery: 3, restarts: 2, say: (line: string) => void said.push(line) };
    expect(await trainToEnd(failing(lost, [5, 8]), options)).toBe(weights);
    expect(said).toEqual(Array(2).fill("the model is not loaded; beginning again at the last checkpoint"));
    await expect(trainToEnd(failing(lost, [5, 6, 7]), options)).rejects.toThrow("the model is not loaded");
    said.length = 0;
    const refused = new TinkerError("refused", "there is no such loss");
    await expect(trainToEnd(failing(refused, [5]), options)).rejects.toThrow("there is no such loss");
    expect(said).toEqual([]);
  });

  test("a finished run is lengthened, by steps or epochs, to the weights of a long one, where no rate depends on the total", async () => {
    const upTo = (settings: Partial<SftOptions["settings"]>, server: FakeTrainingServer) =>
      trainToEnd(server, { settings: { schedule: "constant", warmup: 0, ...settings } });
    const weights = await upTo({}, new FakeTrainingServer());
    out = newDirectory();
    const server = new FakeTrainingServer();
    await upTo({ steps: 3 }, server);
    await upTo({ epochs: 1 }, server);
    expect(await upTo({ epochs: 2 }, server)).toBe(weights);
    expect((await lines()).map(({ step }) => step)).toEqual(Array.from({ length: 14 }, (_, index) => index + 1));
    await expect(upTo({ steps: 13 }, server)).rejects.toThrow("has taken 14 steps, and 13 in all are asked for");
    for (const [settings, why] of [
      [
        { schedule: "cosine" },
        "with the schedule cosine the learning rate of every step depends on how many there are",
      ],
      [{ warmup: 0.1 }, "the learning rate grows over a share of all steps (warmup)"],
    ] as const) {
      out = newDirectory();
      await upTo({ ...settings, steps: 3 }, server);
      await expect(upTo({ ...settings, steps: 4 }, server)).rejects.toThrow(`(steps was 3 and is now 4): ${why}`);
    }
  });

  test("weights to begin with are loaded once, without their optimiser's state", async () => {
    let kill = true;
    const loaded: unknown[] = [];
    const server = new FakeTrainingServer({
      beforeCall: (call) => {
        if (call.kind === "loadWeights") loaded.push(call.path, call.optimizer);
        if (kill && call.kind === "optimStep" && server.calls.some(({ kind }) => kind === "saveWeights")) {
          kill = false;
          throw new Error("killed");
        }
      },
    });
    server.saved.set("tinker://other/weights", "of another run");
    await trainToEnd(server, { begin: "tinker://other/weights", checkpointEvery: 2 });
    expect(loaded).toEqual(["tinker://other/weights", false, "tinker://model-0/step-000002", true]);
  });

  test("a run that is done does nothing", async () => {
    await trainToEnd(new FakeTrainingServer());
    expect(await trainToEnd(new FakeTrainingServer())).toBe("not opened");
  });

  test("other data is refused", async () => {
    await trainToEnd(new FakeTrainingServer(), { settings: { steps: 2 } });
    await expect(
      trainToEnd(new FakeTrainingServer(), { settings: { steps: 2 }, train: examples(20, 5) }),
    ).rejects.toThrow("data was");
  });
});
