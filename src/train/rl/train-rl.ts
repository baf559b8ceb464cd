import { deriveSeed } from "../../core/random.ts";
import { dataOrder } from "../sft/data-order.ts";
import { learningRate } from "../sft/learning-rate.ts";
import { withRestarts } from "../with-restarts.ts";
import { heldOutMetrics } from "./loop/held-out-metrics.ts";
import { openPolicy, type Policy } from "./loop/policy.ts";
import { type ResolvedRlOptions, type RlOptions, type RlProgress, resolveRlOptions } from "./loop/rl-options.ts";
import { openRlRun } from "./loop/rl-run.ts";
import { saveCheckpoint, stepName } from "./loop/save-checkpoint.ts";
import { StepBook } from "./loop/step-book.ts";
import { StepRollouts } from "./loop/step-rollouts.ts";
import { RequestQueue } from "./rollout/request-queue.ts";
import { adamOf, lossOf } from "./settings.ts";
import { hasAdvantage, judgeRollouts, makeSequences } from "./update/make-sequences.ts";
import { referenceLogprobs } from "./update/reference-logprobs.ts";
import { updatePolicy } from "./update/update-policy.ts";
import { BusyMeter } from "./watch/busy-meter.ts";
import { rolloutSamples } from "./watch/rollout-samples.ts";
import { referenceKl, rolloutMetrics, updateMetrics } from "./watch/step-metrics.ts";
import { Stopwatch } from "./watch/stopwatch.ts";

/**
 * Trains the judge with two-stage rollout RL (method: CE-RM, section 6): it writes criteria and evaluates by them, and
 * learns from which of its own scores rank the pair right. Killed at any moment, the same call goes on from the last
 * checkpoint with the same pairs and seeds. Throws `InputError` for options that cannot be meant or differ from the
 * directory's, and rather than take a step that could be wrong, `TrainingError` or the server's error.
 */
export async function trainRl(options: RlOptions): Promise<RlProgress> {
  const resolved = resolveRlOptions(options);
  return withRestarts(() => trainFromLastCheckpoint(resolved), resolved);
}

async function trainFromLastCheckpoint(options: ResolvedRlOptions): Promise<RlProgress> {
  const { pairs, settings, totalSteps, signal, now } = options;
  const { kl: beta } = settings;
  const order = dataOrder({ examples: pairs.length, batchSize: settings.instances, seed: settings.seed });
  const rateOf = learningRate({ ...settings, peak: settings.learningRate, totalSteps });
  const seedOf = (step: number, purpose: number) => deriveSeed(settings.seed, step, purpose);
  const queue = new RequestQueue(options.concurrency);
  const rollouts = new StepRollouts(options, queue, {
    instances: (step) => order(step).examples.map((index) => pairs[index]!),
    seed: (step) => seedOf(step, 1),
  });
  const meter = new BusyMeter(now);
  let policy: Policy | undefined;
  const run = await openRlRun(options, (path) => policy?.uses(path) ?? false);
  try {
    const book = await StepBook.open(run, options);
    const resumedAt = run.resumeFrom?.step ?? 0;
    if (resumedAt >= totalSteps) return book.progress;
    policy = await openPolicy({ ...options, run, meter, needsReference: beta > 0, overlap: settings.overlap });
    if (book.isEmpty) await book.write({ step: 0, ...(await heldOutMetrics(policy, 0, options)) });

    for (let step = resumedAt; step < totalSteps; step++) {
      const current = policy;
      const done = step + 1;
      const watch = new Stopwatch(now);
      meter.take();

      const sampled = await watch.time("rollout", () => rollouts.take(step, current.sampler));
      if (settings.overlap && done < totalSteps) rollouts.begin(done, current.sampler);

      const judged = judgeRollouts(sampled, settings, seedOf(step, 2));
      const taught = judged.filter(hasAdvantage);
      const { reference } = current;
      const read = reference && (() => referenceLogprobs(reference, taught, queue, signal));
      const referenceLogprobsOf = read && (await watch.time("reference", read));
      const sequences = makeSequences(taught, beta, referenceLogprobsOf);

      const update = await watch.time("update", () =>
        updatePolicy(current.trainer, sequences, {
          ...settings,
          loss: lossOf(settings),
          adam: adamOf(settings, rateOf(step)),
          reduction: current.state.reduction,
          tokenBudget: options.tokenBudget,
          callsInFlight: options.callsInFlight,
          seed: seedOf(step, 3),
          signal,
        }),
      );
      await watch.time("save", () => current.publish(stepName(done), run.ledger.checkpoints, signal));
      const busy = meter.take();
      const heldOut = await watch.time("heldOut", () => heldOutMetrics(current, done, options));

      await book.keep(rolloutSamples(done, sampled, judged, options.samplesPerStep));
      await book.write({
        step: done,
        learningRate: rateOf(step),
        ...rolloutMetrics(sampled, judged, settings.mode),
        ...updateMetrics(update),
        "kl/reference": referenceLogprobsOf && referenceKl(taught, referenceLogprobsOf),
        ...heldOut,
        ...watch.metrics(),
        ...watch.rates(sampled, update.tokens),
        ...busy,
      });
      await saveCheckpoint(run, current, { step: done, accuracy: heldOut["heldOut/accuracy"] }, options);
    }
    return book.progress;
  } finally {
    await rollouts.close();
    await run.close();
  }
}
