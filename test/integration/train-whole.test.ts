import { mkdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openChatCodec } from "../../src/engines/tinker/index.ts";
import { openTinker } from "../../src/tinker/index.ts";
import { readTrainRun } from "../../src/train/checkpoints/index.ts";
import { openAdapter } from "../../src/train/export/read-adapter.ts";
import { writeTinyGguf } from "../tiny-model-gguf.ts";
import { succeeds, TinyTraining, tinyConversations, tinyPairs } from "../tiny-training.ts";
import { embeddedLogprobs } from "./export-logprobs.ts";
import { startWatchingProxy } from "./watching-proxy.ts";

// The way of a judge from a random model to an exported adapter, by the command line alone: engine, SFT, RL, export.
let tiny: TinyTraining;
const at = (...names: string[]) => tiny.at(...names);

beforeAll(async () => {
  tiny = await TinyTraining.start();
});
afterAll(() => tiny?.end());

/**
 * Starts a command, and kills it with SIGKILL in a training step: when the server has taken a pass of the step after the one
 * that the command's output names, whose gradient then lies on the server without an optimiser step.
 */
async function killedWithinStep(
  after: RegExp,
  command: (url: string) => ReturnType<TinyTraining["cerm"]>,
): Promise<void> {
  const proxy = await startWatchingProxy(tiny.engine.url, (path) => {
    if (path.endsWith("/forward_backward") && after.test(killed.written.err)) killed.child.kill("SIGKILL");
  });
  const killed = command(proxy.url);
  const { signal, err } = await killed.ended;
  expect({ signal, err }).toMatchObject({ signal: "SIGKILL" });
  proxy.close();
}

describe("cerm train sft on a real SkyRL", () => {
  const sft = (out: string, steps: number, baseUrl?: string) => tiny.sft(out, { steps, baseUrl });
  const losses = async (run: string) =>
    (await tiny.readLines(run)).map(({ step, loss, heldOutLoss }) => ({ step, loss, heldOutLoss }));

  test("killed within a step and started again, it takes the steps it would have taken, with the same losses", async () => {
    await succeeds(sft("whole", 6));
    await killedWithinStep(/step 3 of 30/, (through) => sft("sft", 30, through));
    expect((await readTrainRun(at("sft"))).checkpoints.at(-1)!.step).toBe(3);
    const { out } = await succeeds(sft("sft", 30));
    expect(JSON.parse(out)).toMatchObject({ step: 30, totalSteps: 30, resumedAt: 3 });
    const [whole, resumed] = [await losses("whole"), await losses("sft")];
    expect(resumed.map(({ step }) => step)).toEqual(Array.from({ length: 31 }, (_, step) => step));
    for (const [index, { loss, heldOutLoss }] of whole.entries()) {
      if (loss !== undefined) expect(resumed[index]!.loss).toBeCloseTo(loss, 5);
      if (heldOutLoss !== undefined) expect(resumed[index]!.heldOutLoss).toBeCloseTo(heldOutLoss, 5);
    }
  });

  test("lowers the loss, also on conversations it has not seen, and keeps the best checkpoint", async () => {
    const measured = (await losses("sft")).filter(({ heldOutLoss }) => heldOutLoss !== undefined);
    expect(measured.map(({ step }) => step)).toEqual(Array.from({ length: 11 }, (_, index) => 3 * index));
    expect(measured[0]!.heldOutLoss).toBeGreaterThan(5);
    const best = measured.reduce((a, b) => (b.heldOutLoss! < a.heldOutLoss! ? b : a));
    expect(best.heldOutLoss).toBeLessThan(0.5);
    const steps = (await readTrainRun(at("sft"))).checkpoints.map(({ step }) => step);
    expect(steps).toEqual([...new Set([best.step, 28, 30])].sort((a, b) => a - b));
  });

  test("keeps the checkpoints of its list on the server, and no others, and gives back its models", async () => {
    const kept = await Promise.all(["whole", "sft"].map((run) => readTrainRun(at(run))));
    const listed = kept.flatMap(({ checkpoints }) =>
      checkpoints.flatMap(({ path }) => [path, path.replace("/weights/", "/sampler_weights/")]),
    );
    const client = await openTinker({ baseUrl: tiny.engine.url });
    const runs = await client.trainingRuns();
    const saved = await Promise.all(runs.map(({ id }) => client.checkpoints(id)));
    await client.close();
    expect(saved.flatMap((of) => of.map(({ path }) => path)).sort()).toEqual(listed.sort());
    for (const run of ["whole", "sft"]) expect(await readFile(at(run, "models.json"), "utf8")).toBe("[]");
  });
});

interface Sample {
  step: number;
  pair: string;
  trajectories: { stage: string; text: string; outcome: { kind: string }; reward: number | null; advantage: number }[];
}

describe("cerm train rl on a real SkyRL", () => {
  const rl = (out: string, baseUrl?: string) => tiny.rl(out, { steps: 3, baseUrl });
  const sampled = (run: string) => tiny.readLines<Sample>(run, "samples");
  const pairsOf = async (run: string) => (await sampled(run)).map(({ step, pair }) => ({ step, pair }));

  test("killed within a step and started again, it takes the same pairs as a run that was not", async () => {
    await succeeds(rl("rl-whole"));
    await killedWithinStep(/step 1\/3/, (through) => rl("rl", through));
    expect((await readTrainRun(at("rl"))).checkpoints.at(-1)!.step).toBe(1);
    const { out, err } = await succeeds(rl("rl"));
    expect(err).toContain("going on after step 1 of 3");
    expect(JSON.parse(out)).toMatchObject({ step: 3, totalSteps: 3 });
    const taken = await pairsOf("rl");
    expect(taken).toEqual(await pairsOf("rl-whole"));
    expect(taken.map(({ step }) => step)).toEqual([1, 1, 2, 2, 3, 3]);
    expect(new Set(taken.map(({ pair }) => pair)).size).toBe(tinyPairs.length);
    expect((await tiny.readLines("rl")).map(({ step }) => step)).toEqual([0, 1, 2, 3]);
    const { checkpoints } = await readTrainRun(at("rl"));
    expect(checkpoints.map(({ step }) => step)).toEqual([2, 3]);
    // SkyRL's JAX backend, as it reads in its source.
    expect(checkpoints[0]!.state).toMatchObject({ reduction: { tokens: "mean-of-targets", sequences: "mean" } });
  });

  test.each(["rl-whole", "rl"])("the judge's answers can be read, and rewards move the weights (%s)", async (run) => {
    const samples = await sampled(run);
    const steps = (await tiny.readLines(run)).slice(1);
    for (const line of steps) {
      const trajectories = samples.filter(({ step }) => step === line.step).flatMap((sample) => sample.trajectories);
      const read = trajectories.filter(({ outcome }) => outcome.kind !== "unparsable");
      expect(read.length).toBeGreaterThan(trajectories.length / 2);
      expect(read.some(({ advantage }) => Math.abs(advantage) > 0.1)).toBe(true);
      expect(line.taught).toBeGreaterThan(0);
      // The KL penalty alone gives gradients of thousandths.
      expect(line["gradientNorm/mean"]).toBeGreaterThan(0.1);
      expect(line.optimiserSteps).toBeGreaterThan(0);
    }
    // At first the policy is the reference, so the penalty was nothing; then the weights have moved.
    expect(Math.abs(steps[0]!["kl/reference"]!)).toBeLessThan(1e-4);
    expect(Math.abs(steps[2]!["kl/reference"]!)).toBeGreaterThan(1e-4);
  });

  test.each(["rl-whole", "rl"])("sampler and trainer have the same log-probabilities (%s)", async (run) => {
    for (const line of (await tiny.readLines(run)).slice(1)) {
      expect(Math.abs(line["offPolicy/klAtStart"]!)).toBeLessThan(1e-3);
      expect(line["offPolicy/ratioAtStart"]).toBeCloseTo(1, 3);
    }
  });
});

describe("cerm train export of the run", () => {
  test("writes a PEFT folder of the last weights, with a card that says where they come from", async () => {
    await succeeds(tiny.cerm("train", "export", at("rl"), "--format", "peft", "--out", at("peft")));
    const adapter = await openAdapter(at("peft"));
    expect(adapter).toMatchObject({ rank: 8, baseModel: tiny.model });
    expect(adapter.pairs.size).toBe(2 * 7);
    await adapter.close();
    expect(await readFile(at("peft", "README.md"), "utf8")).toContain("step 3");
  });

  test("writes a GGUF adapter, which makes llama.cpp give what was learned", async () => {
    await mkdir(at("gguf"));
    await succeeds(tiny.cerm("train", "export", at("rl"), "--format", "gguf", "--out", at("gguf")));
    await writeTinyGguf(tiny.model, at("base.gguf"));
    const codec = await openChatCodec(tiny.model);
    const [conversation] = await tinyConversations(tinyPairs.slice(0, 1));
    const prompt = codec.encode(conversation!.messages.slice(0, 1) as Parameters<typeof codec.encode>[0]);
    const text = `<|im_start|>user\n${conversation!.messages[0]!.content}<|im_end|>\n<|im_start|>assistant\n${conversation!.messages[1]!.content}<|im_end|>`;
    const answer = async (lora?: { path: string }[]) => {
      const [all] = await embeddedLogprobs({ modelPath: at("base.gguf"), lora }, [text]);
      return all!.logprobs.slice(prompt.length - 1).reduce((sum, logprob) => sum + logprob, 0);
    };
    expect(await answer()).toBeLessThan(-100);
    expect(await answer([{ path: at("gguf", "adapter.gguf") }])).toBeGreaterThan(-5);
  });
});
