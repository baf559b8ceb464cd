import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RlOptions } from "./loop/rl-options.ts";
import { readLines, toyOptions } from "./testing/run-toy.ts";
import { ToyModel } from "./testing/toy-model.ts";
import { toyPairs } from "./testing/toy-pairs.ts";
import { ToyServer } from "./testing/toy-server.ts";
import { trainRl } from "./train-rl.ts";
import type { RolloutSample } from "./watch/rollout-samples.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "cerm-rl-"));
});
afterEach(() => rm(directory, { recursive: true }));

const summing = { tokens: "sum", sequences: "sum" } as const;

/** Runs on the toy server; the metrics of its steps, the progress, and the policy it ended with. */
async function run(more: Partial<RlOptions> = {}, server = new ToyServer()) {
  const progress = await trainRl(toyOptions(directory, server, more));
  const [before, ...steps] = await readLines<Record<string, number>>(directory, "metrics");
  const last = [...server.saved.keys()].findLast((path) => path.includes("/weights/"))!;
  return { progress, before: before!, steps, policy: new ToyModel(server.saved.get(last)) };
}

/** Mean of a metric over the last steps. */
const atEnd = (steps: Record<string, number>[], name: string) =>
  steps.slice(-4).reduce((sum, line) => sum + line[name]! / 4, 0);
const probabilityOf = (policy: ToyModel, state: string, phrase: number) => Math.exp(policy.logprobs(state)[phrase]!);

describe("it learns", () => {
  test.each(["ppo", "importance_sampling", "cispo"] as const)(
    "from chance to over 90 % with the loss %s",
    async (loss) => {
      const { progress, before, steps, policy } = await run({ settings: { loss } });
      expect(before["heldOut/accuracy"]).toBeLessThan(0.5);
      expect(steps[0]!.pairAccuracy).toBeLessThan(0.6);
      expect(progress).toMatchObject({ step: 14, heldOut: 1, best: { step: 14, accuracy: 1 } });
      expect(atEnd(steps, "pairAccuracy")).toBeGreaterThan(0.9);
      // Both stages: which criteria are of use, and how to judge by them.
      expect(probabilityOf(policy, "write criteria", 0)).toBeGreaterThan(0.9);
      expect(atEnd(steps, "faults/evaluation")).toBeLessThan(0.01);
    },
  );

  test.each([
    { mode: "per-response" },
    { mode: "implicit" },
    { advantageGroups: "pooled-evaluations" },
    { advantageGroups: "pooled" },
    { normalisation: "sequence" },
    { kl: 0.01 },
    { epochs: 2, instances: 4 },
  ] as const)("with %o", async (settings) => {
    const { steps } = await run({ settings });
    expect(atEnd(steps, "pairAccuracy")).toBeGreaterThan(0.85);
  });

  test.each([false, true])("on a server that sums, as on one that averages; overlap %s", async (overlap) => {
    const { steps } = await run({ settings: { overlap } }, new ToyServer(summing));
    expect(atEnd(steps, "pairAccuracy")).toBeGreaterThan(0.9);
  });

  test("overlap is refused where sampling from earlier weights would overwrite the trained ones", async () => {
    const options = toyOptions(directory, new ToyServer(), { settings: { overlap: true } });
    await expect(trainRl(options)).rejects.toThrow("overlap: SkyRL's JAX backend cannot sample from earlier weights");
  });
});

describe("it does not learn where the rewards do not reach those who earned them", () => {
  test.each(["shuffled-advantages", "swapped-groups"] as const)("%s", async (control) => {
    const { steps } = await run({ settings: { control } });
    expect(atEnd(steps, "pairAccuracy")).toBeLessThan(control === "swapped-groups" ? 0.1 : 0.6);
  });

  test("criteria that are not trained stay what they were", async () => {
    const { policy } = await run({ settings: { trainCriteria: false } });
    const untouched = new ToyModel();
    expect(policy.logprobs("write criteria")).toEqual(untouched.logprobs("write criteria"));
    expect(policy.logprobs("judge by colour, blue")).not.toEqual(untouched.logprobs("judge by colour, blue"));
  });
});

describe("what is written down", () => {
  test("metrics of every step, and rollouts for reading", async () => {
    const { steps } = await run({ settings: { steps: 2, kl: 0.01 }, samplesPerStep: 2 });
    expect(steps.map(({ step }) => step)).toEqual([1, 2]);
    const names = [
      ...["reward/criteria", "reward/chosen", "reward/rejected", "pairAccuracy", "tieRate", "score/commonest"],
      ...["faults/criteria", "faults/evaluation", "criteria/count", "tokens/criteria", "tokens/evaluation"],
      ...["entropy/criteria", "entropy/evaluation", "kl/reference", "gradientNorm/mean", "offPolicy/klAtStart"],
      ...["offPolicy/ratioMean", "busyShare", "seconds/rollout", "seconds/update", "learningRate", "rate/sampled"],
    ];
    for (const name of names) expect([name, steps[1]![name]]).toEqual([name, expect.any(Number)]);
    const samples = await readLines<RolloutSample>(directory, "samples");
    expect(samples.map(({ step }) => step)).toEqual([1, 1, 2, 2]);
    const { trajectories } = samples[0]!;
    expect(trajectories[0]).toMatchObject({ stage: "criteria", outcome: expect.any(Object), text: expect.any(String) });
    const evaluations = trajectories.filter(({ stage }) => stage === "evaluation");
    expect(evaluations.length % 4).toBe(0);
  });

  test("on the same weights sampler and trainer agree, on weights a step older they do not", async () => {
    const onPolicy = await run({ settings: { steps: 3 } });
    for (const line of onPolicy.steps) expect(line["offPolicy/klAtStart"]).toBeLessThan(1e-6);
    await rm(directory, { recursive: true });
    const { steps } = await run({ settings: { steps: 3, overlap: true } }, new ToyServer(summing));
    expect(steps[0]!["offPolicy/klAtStart"]).toBeLessThan(1e-6);
    for (const line of steps.slice(1)) expect(line["offPolicy/klAtStart"]).toBeGreaterThan(1e-5);
  });

  test("pairs on both sides, no pairs, and settings that are none are refused", async () => {
    const server = new ToyServer();
    const refused = (more: Partial<RlOptions>) => expect(trainRl(toyOptions(directory, server, more))).rejects;
    await refused({ heldOut: toyPairs(3, "train") }).toThrow("held-out: holds train#0, which is trained on too");
    await refused({ pairs: [] }).toThrow("data: has no pairs to train on");
    await refused({ settings: { instances: 0 } }).toThrow("instances: ");
    await refused({ settings: { criteria: 4 } as object }).toThrow("criteria: is no setting; expected one of mode,");
    await refused({ settings: { loss: "importance_sampling", clipHigh: 2 } }).toThrow("clipHigh: the loss");
  });
});
