import type { PreferencePair } from "../../../core/preference-pair.ts";
import type { Sampler } from "../../../tinker/sampler.ts";
import { collectRollouts } from "../rollout/collect-rollouts.ts";
import type { RequestQueue } from "../rollout/request-queue.ts";
import type { InstanceRollout } from "../trajectory.ts";
import type { ResolvedRlOptions } from "./rl-options.ts";

/** Samples the rollouts of steps, of which the next one may be begun early, from the weights there are then. */
export class StepRollouts {
  readonly #options: ResolvedRlOptions;
  readonly #queue: RequestQueue;
  readonly #of: { instances: (step: number) => PreferencePair[]; seed: (step: number) => number };
  #early: { step: number; rollouts: Promise<InstanceRollout[]>; abort: AbortController } | undefined;

  constructor(
    options: ResolvedRlOptions,
    queue: RequestQueue,
    of: { instances: (step: number) => PreferencePair[]; seed: (step: number) => number },
  ) {
    this.#options = options;
    this.#queue = queue;
    this.#of = of;
  }

  /** Begins a step early. A failure shows when the step is taken. */
  begin(step: number, sampler: Sampler): void {
    const abort = new AbortController();
    const rollouts = this.#collect(step, sampler, abort.signal);
    rollouts.catch(() => {});
    this.#early = { step, rollouts, abort };
  }

  /** The rollouts of a step: those that were begun early, else sampled now. */
  async take(step: number, sampler: Sampler): Promise<InstanceRollout[]> {
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined && early.step !== step) throw new Error(`step ${early.step} was begun, not ${step}`);
    return await (early?.rollouts ?? this.#collect(step, sampler));
  }

  /** Ends what was begun and not taken. */
  async close(): Promise<void> {
    this.#early?.abort.abort(new Error("training ended"));
    await this.#early?.rollouts.catch(() => {});
  }

  #collect(step: number, sampler: Sampler, own?: AbortSignal): Promise<InstanceRollout[]> {
    const { pack, server, settings, signal } = this.#options;
    const signals = [signal, own].filter((one) => one !== undefined);
    const { temperature, topP, maxCriteriaTokens, maxEvaluationTokens } = settings;
    return collectRollouts(
      {
        ...{ sampler, pack, codec: server.codec, queue: this.#queue, temperature, topP },
        maxTokens: {
          criteria: maxCriteriaTokens ?? pack.limits.criteria,
          evaluation: maxEvaluationTokens ?? pack.limits.evaluation,
        },
        signal: signals.length === 0 ? undefined : AbortSignal.any(signals),
      },
      this.#of.instances(step),
      settings,
      this.#of.seed(step),
    );
  }
}
