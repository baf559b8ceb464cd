import { z } from "zod";
import { stableHash } from "../../core/hash.ts";
import type { Trainer } from "../../tinker/trainer.ts";
import { openTrainRun, type TrainRun } from "../checkpoints/train-run.ts";
import { parseTrainRecipe } from "../recipe/train-recipe.ts";
import { TrainingError } from "../training-error.ts";
import { withRestarts } from "../with-restarts.ts";
import { dataOrder, stepsPerEpoch } from "./data-order.ts";
import type { SftExample } from "./example.ts";
import { learningRate, whyTotalMatters } from "./learning-rate.ts";
import { type BatchResult, runBatch } from "./run-batch.ts";
import type { SftOptions, SftProgress } from "./sft-options.ts";
import { adamOf, type SftSettings, sftRecipe, sftSettingsSchema } from "./sft-settings.ts";

const stateSchema = z.object({ heldOutLoss: z.number().optional() });
type State = z.infer<typeof stateSchema>;

/**
 * Supervised fine-tuning (method: CE-RM, section 5): cross-entropy on assistant tokens, one optimiser step a batch. Killed
 * at any moment, the same call goes on from the last checkpoint with the same data in the same order. The weights of a
 * batch sum to 1; a server that sums over tokens trains on the mean per token, SkyRL's JAX backend on the mean over
 * conversations of each one's mean (it divides by a sequence's weights). Throws `InputError` for settings that cannot be
 * meant or differ from the directory's, and `TrainingError` where the loss is no longer a number.
 */
export async function trainSft(options: SftOptions): Promise<SftProgress> {
  const { restarts = 0, signal, say = () => {} } = options;
  return withRestarts(() => trainFromLastCheckpoint(options), { restarts, signal, say });
}

async function trainFromLastCheckpoint(options: SftOptions): Promise<SftProgress> {
  const settings = sftSettings(options.settings);
  const { train, heldOut = [], tokenBudget = 16384, signal, now = Date.now } = options;
  const order = dataOrder({ examples: train.length, batchSize: settings.batchSize, seed: settings.seed });
  const totalSteps = totalStepsOf(train.length, settings);
  const rate = rateOf(settings, totalSteps);
  const run = await openRun(options, settings, totalSteps);
  try {
    const resumedAt = run.resumeFrom?.step ?? 0;
    let progress: SftProgress = { step: resumedAt, totalSteps, resumedAt, ...run.resumeFrom?.state };
    options.onStep?.(progress);
    if (resumedAt >= totalSteps) return progress;
    const trainer = await options.openTrainer();
    const evaluate = () => heldOutLoss(trainer, heldOut, tokenBudget, signal);
    // Servers load weights only as a model's first call.
    if (run.resumeFrom !== undefined) await trainer.loadWeights(run.resumeFrom.path, { signal });
    else if (options.begin !== undefined) await trainer.loadWeights(options.begin, { optimizer: false, signal });
    if (run.resumeFrom === undefined && heldOut.length > 0)
      await run.metrics.append({ step: 0, heldOutLoss: await evaluate() });

    const { evaluateEvery, checkpointEvery } = intervals(options, totalSteps);
    const isDue = (step: number, every: number) => step % every === 0 || step === totalSteps;
    for (let step = resumedAt; step < totalSteps; step++) {
      const startedAt = now();
      const { epoch, examples } = order(step);
      const batch = examples.map((index) => train[index]!);
      const pass = await runBatch(batch, {
        tokenBudget,
        pass: (data) => trainer.forwardBackward(data, { name: "cross_entropy" }, signal),
      });
      expectNumber("loss", pass.loss, step + 1, run);
      const { metrics } = await trainer.optimStep(adamOf(settings, rate(step)), signal);
      const gradientNorm = metrics["skyrl.ai/grad_norm"];
      if (gradientNorm !== undefined) expectNumber("gradient norm", gradientNorm, step + 1, run);
      const seconds = (now() - startedAt) / 1000;

      const done = step + 1;
      const measured = heldOut.length > 0 && isDue(done, evaluateEvery) ? await evaluate() : undefined;
      progress = progressAfter({ ...progress, step: done }, pass, seconds, measured);
      await run.metrics.append({
        ...{ step: done, time: new Date(now()).toISOString(), epoch, conversations: batch.length, ...pass },
        ...{ learningRate: rate(step), gradientNorm, seconds, heldOutLoss: measured },
      });
      const isBest = measured !== undefined && measured < (run.ledger.best?.score ?? Number.POSITIVE_INFINITY);
      if (isBest || isDue(done, checkpointEvery)) await save(run, trainer, progress, measured, options);
      options.onStep?.(progress);
    }
    return progress;
  } finally {
    await run.close();
  }
}

/** Settings with the defaults filled in. Throws `InputError` for one that cannot be meant. */
function sftSettings(given: Partial<SftSettings> = {}): SftSettings {
  const { settings } = parseTrainRecipe(given, sftRecipe);
  return sftSettingsSchema.parse(settings);
}

function totalStepsOf(examples: number, { batchSize, epochs, steps }: SftSettings): number {
  const all = epochs * stepsPerEpoch({ examples, batchSize });
  return Math.min(all, steps ?? all);
}

function rateOf(settings: SftSettings, totalSteps: number): (step: number) => number {
  const { schedule, learningRate: peak, warmup, finalShare } = settings;
  return learningRate({ schedule, peak, finalShare, totalSteps, warmupSteps: Math.ceil(warmup * totalSteps) });
}

function intervals(options: SftOptions, totalSteps: number) {
  const evaluateEvery = options.evaluateEvery ?? Math.max(1, Math.round(totalSteps / 10));
  return { evaluateEvery, checkpointEvery: options.checkpointEvery ?? evaluateEvery };
}

function openRun(options: SftOptions, settings: SftSettings, totalSteps: number): Promise<TrainRun<State>> {
  const { out, train, heldOut = [], identity, begin, about, deleteWeights, version, now, keepLast = 2 } = options;
  return openTrainRun({
    directory: out,
    method: "sft",
    settings: {
      ...identity,
      begin: begin ?? null,
      ...settings,
      data: dataIdentity(train),
      heldOut: dataIdentity(heldOut),
    },
    extent: {
      ...{ totalSteps, settings: ["steps", "epochs"] },
      fixedBecause: whyTotalMatters(settings.schedule, settings.warmup),
    },
    about: { ...about, conversations: train.length, heldOutConversations: heldOut.length },
    ...{ version, now, keepLast, better: "lower", state: stateSchema },
    discard: async ({ path, samplerPath }) => {
      for (const one of [path, samplerPath]) if (one !== undefined) await deleteWeights?.(one);
    },
  });
}

/** Hash of what is learned from: tokens and masks, in the order of the file. */
function dataIdentity(examples: readonly SftExample[]): string {
  const parts = examples.map(({ id, tokens, mask }) => [
    id,
    Buffer.from(tokens.buffer, tokens.byteOffset, tokens.byteLength).toString("base64"),
    Buffer.from(mask).toString("base64"),
  ]);
  return stableHash(parts).slice(0, 16);
}

/** Mean negative log-probability of the trained tokens of conversations, in nats, without touching the model. */
async function heldOutLoss(
  trainer: Trainer,
  examples: readonly SftExample[],
  tokenBudget: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { loss } = await runBatch(examples, { tokenBudget, pass: (data) => trainer.forward(data, signal) });
  return loss;
}

function progressAfter(
  before: SftProgress,
  pass: BatchResult,
  seconds: number,
  measured: number | undefined,
): SftProgress {
  const tokensPerSecond = seconds > 0 ? pass.inputTokens / seconds : undefined;
  return { ...before, loss: pass.loss, tokensPerSecond, heldOutLoss: measured ?? before.heldOutLoss };
}

async function save(
  run: TrainRun<State>,
  trainer: Trainer,
  { step, heldOutLoss }: SftProgress,
  measured: number | undefined,
  { signal, now = Date.now }: SftOptions,
): Promise<void> {
  const name = `step-${String(step).padStart(6, "0")}`;
  const path = await trainer.saveWeights(name, signal);
  const samplerPath = await trainer.saveWeightsForSampler(name, signal);
  const savedAt = new Date(now()).toISOString();
  await run.ledger.record({ step, path, samplerPath, savedAt, score: measured, state: { heldOutLoss } });
}

/** A loss or gradient that is not a number has spoilt the model, or is about to. */
function expectNumber(what: string, value: number, step: number, run: TrainRun<State>): void {
  if (Number.isFinite(value)) return;
  const last = run.ledger.last;
  const kept = last === undefined ? "There is no checkpoint yet" : `The checkpoint of step ${last.step} is kept`;
  throw new TrainingError(
    "bad-numbers",
    `the ${what} of step ${step} is ${value}, so training has stopped. ${kept}. Try a lower learning rate, or look for what is odd in the data of that step`,
  );
}
