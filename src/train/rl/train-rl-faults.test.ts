import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TinkerError } from "../../tinker/tinker-error.ts";
import type { PassResult } from "../../tinker/trainer.ts";
import type { RlOptions } from "./loop/rl-options.ts";
import type { RlSettings } from "./settings.ts";
import { readLines, toyOptions } from "./testing/run-toy.ts";
import { toyPairs } from "./testing/toy-pairs.ts";
import { ToyServer } from "./testing/toy-server.ts";
import { trainRl } from "./train-rl.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "cerm-rl-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Three short steps with everything in them, a checkpoint every second one. */
const short: Partial<RlOptions> = {
  ...{ evaluateEvery: 2, checkpointEvery: 2, heldOut: toyPairs(4, "held-out", 2) },
  settings: { steps: 3, instances: 2, criteriaSamples: 2, evaluations: 1, kl: 0.01 },
};

async function outcome(server: ToyServer, out: string) {
  const lines = await readLines<Record<string, unknown>>(out, "metrics");
  const timeless = lines.map((line) =>
    Object.fromEntries(Object.entries(line).filter(([name]) => !/^(time|seconds|rate|busy|meanCalls)/.test(name))),
  );
  const weights = [...server.saved].filter(([path]) => path.endsWith("/weights/step-000003")).map(([, saved]) => saved);
  return { metrics: timeless, weights: weights.at(-1) };
}

test("ended at any call of the server, it goes on as if nothing had been", async () => {
  const calls: string[] = [];
  const whole = new ToyServer();
  whole.onCall = (name) => void calls.push(name);
  await trainRl(toyOptions(join(directory, "whole"), whole, short));
  const expected = await outcome(whole, join(directory, "whole"));
  expect(expected.metrics.map(({ step }) => step)).toEqual([0, 1, 2, 3]);
  expect(calls.length).toBeGreaterThan(50);

  for (let end = 0; end < calls.length; end += 7) {
    const out = join(directory, `ended-${end}`);
    const server = new ToyServer();
    let count = 0;
    server.onCall = () => {
      if (count++ === end) throw new Error("killed");
    };
    await expect(trainRl(toyOptions(out, server, short))).rejects.toThrow("killed");
    await trainRl(toyOptions(out, server, short));
    expect(await outcome(server, out)).toEqual(expected);
  }
}, 60_000);

test("a finished run is lengthened: two steps and then three are three at once", async () => {
  const whole = new ToyServer();
  await trainRl(toyOptions(join(directory, "whole"), whole, short));
  const server = new ToyServer();
  const out = join(directory, "lengthened");
  const upTo = (steps: number, more: Partial<RlSettings> = {}) =>
    trainRl(toyOptions(out, server, { ...short, settings: { ...short.settings, steps, ...more } }));
  await upTo(2);
  expect(await upTo(3)).toMatchObject({ step: 3, totalSteps: 3 });
  expect(await outcome(server, out)).toEqual(await outcome(whole, join(directory, "whole")));
  await expect(upTo(2)).rejects.toThrow("has taken 3 steps, and 2 in all are asked for");
});

test("a run is not lengthened where its rates depend on how many steps there are", async () => {
  const upTo = (steps: number) => {
    const settings = { ...short.settings, steps, schedule: "linear" as const };
    return trainRl(toyOptions(directory, new ToyServer(), { ...short, settings }));
  };
  await upTo(1);
  await expect(upTo(2)).rejects.toThrow(
    "(steps was 1 and is now 2): with the schedule linear the learning rate of every step depends on how many there are in all;",
  );
});

test("a server that was lost is begun again with, as often as allowed", async () => {
  const whole = new ToyServer();
  await trainRl(toyOptions(join(directory, "whole"), whole, short));
  const server = new ToyServer();
  let steps = 0;
  server.onCall = (name) => {
    if (name === "optim_step" && ++steps === 3)
      throw new TinkerError("forgotten", "model unknown", { resumable: true });
  };
  const said: string[] = [];
  const out = join(directory, "lost");
  await trainRl(toyOptions(out, server, { ...short, restarts: 1, say: (line) => void said.push(line) }));
  expect(said.filter((line) => !line.startsWith("alarm"))).toEqual([
    "model unknown; beginning again at the last checkpoint",
  ]);
  expect(await outcome(server, out)).toEqual(await outcome(whole, join(directory, "whole")));
});

test("a server that refuses, such as a loss it lacks, is not asked again", async () => {
  const server = new ToyServer();
  server.onCall = (name) => {
    if (name === "forward_backward") throw new TinkerError("refused", "forward_backward: unknown loss_fn 'cispo'");
  };
  const options = toyOptions(directory, server, { ...short, restarts: 3 });
  await expect(trainRl(options)).rejects.toThrow("unknown loss_fn 'cispo'");
});

/** Changes one answer of a pass, and tells which calls the server got. */
function spoiling(change: (result: PassResult) => PassResult) {
  const server = new ToyServer();
  const calls: string[] = [];
  server.onCall = (name) => void calls.push(name);
  server.onPass = change;
  return { server, calls };
}

test.each([
  ["NaN", (logprobs: Float32Array[]) => logprobs.map((array) => array.with(-1, Number.NaN)), "is NaN. Training stops"],
  ["too few sequences", (logprobs: Float32Array[]) => logprobs.slice(1), "log-probabilities of 0 sequences, of 1"],
  ["too few targets", (logprobs: Float32Array[]) => logprobs.map((array) => array.slice(1)), "targets"],
] as const)("%s in a pass stops before the optimiser's step", async (_, change, message) => {
  const { server, calls } = spoiling((result) => ({ ...result, logprobs: change(result.logprobs) }));
  await expect(trainRl(toyOptions(directory, server, { ...short, tokenBudget: 1 }))).rejects.toThrow(message);
  expect(calls).toContain("forward_backward");
  expect(calls).not.toContain("optim_step");
});

test("a trainer that is far from the sampler stops before the optimiser's step, and says why", async () => {
  const shift = (logprobs: Float32Array[]) => logprobs.map((array) => array.map((logprob) => logprob - 2));
  const { server, calls } = spoiling((result) => ({ ...result, logprobs: shift(result.logprobs) }));
  const options = toyOptions(directory, server, { ...short, settings: { ...short.settings, maxKl: 0.2 } });
  // A ratio of exp(-2): exp(-2) - 1 + 2 = 1.135.
  await expect(trainRl(options)).rejects.toThrow(
    /^the KL between sampler and trainer is 1\.1[34] nats a token .* above the limit of 0\.2\. Sampler and trainer do not agree/,
  );
  expect(calls).not.toContain("optim_step");
});

test("a reference that gives no log-probabilities says what to do", async () => {
  const server = new ToyServer();
  const open = server.openReference.bind(server);
  server.openReference = async () => {
    const sampler = await open();
    return { sample: (request, signal) => sampler.sample({ ...request, promptLogprobs: false }, signal) };
  };
  await expect(trainRl(toyOptions(directory, server, short))).rejects.toThrow("train without a KL penalty (--kl 0)");
});

test("how the server reduces losses is measured, on a model of its own", async () => {
  for (const tokens of ["sum", "mean-of-targets", "mean-of-trained"] as const)
    for (const sequences of ["sum", "mean"] as const) {
      const told = new ToyServer({ tokens, sequences });
      const toldOut = join(directory, `told ${tokens} ${sequences}`);
      await trainRl(toyOptions(toldOut, told, short));
      const measured = new ToyServer({ tokens, sequences });
      const out = join(directory, `measured ${tokens} ${sequences}`);
      await trainRl({ ...toyOptions(out, measured, short), reduction: undefined });
      expect(await outcome(measured, out)).toEqual(await outcome(told, toldOut));
    }
});

test("other settings do not go on with a run", async () => {
  await trainRl(toyOptions(directory, new ToyServer(), short));
  const other = toyOptions(directory, new ToyServer(), { ...short, settings: { ...short.settings, formatPenalty: 0 } });
  await expect(trainRl(other)).rejects.toThrow("formatPenalty was -1 and is now 0");
});

test("weights that no checkpoint, sampler or reference needs are deleted", async () => {
  const server = new ToyServer();
  const settings = { ...short.settings, steps: 6 };
  await trainRl(toyOptions(directory, server, { heldOut: [], checkpointEvery: 1, keepLast: 1, settings }));
  const left = [...server.saved.keys()].map((path) => path.replace("toy://0/", ""));
  // The checkpoint before the last goes with the next one: the step that was begun from it may still be sampled.
  expect(left.sort()).toEqual([
    "sampler/step-000005",
    "sampler/step-000006",
    "weights/step-000005",
    "weights/step-000006",
  ]);
});
