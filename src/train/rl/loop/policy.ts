import { InputError } from "../../../core/errors.ts";
import type { Sampler } from "../../../tinker/sampler.ts";
import type { Trainer } from "../../../tinker/trainer.ts";
import type { TrainRun } from "../../checkpoints/train-run.ts";
import { TrainingError } from "../../training-error.ts";
import type { PolicyServer } from "../policy-server.ts";
import type { Reduction } from "../update/advantage-scales.ts";
import { measureReduction } from "../update/measure-reduction.ts";
import type { BusyMeter } from "../watch/busy-meter.ts";
import { meteredSampler, meteredTrainer } from "../watch/metered-server.ts";
import type { RlState } from "./rl-run.ts";

/** The policy under training: its trainer, a sampler of its current weights, and the reference it began as. */
export class Policy {
  readonly trainer: Trainer;
  /** Absent without a KL penalty. */
  readonly reference: Sampler | undefined;
  readonly state: RlState;
  sampler: Sampler;
  samplerPath: string;
  readonly #server: PolicyServer;
  readonly #meter: BusyMeter;
  /** Weights of the sampler before this one, which a step that was begun early may still use. */
  #previousPath: string | undefined;

  constructor(parts: {
    server: PolicyServer;
    meter: BusyMeter;
    trainer: Trainer;
    reference: Sampler | undefined;
    state: RlState;
    sampler: Sampler;
    samplerPath: string;
  }) {
    this.trainer = parts.trainer;
    this.reference = parts.reference;
    this.state = parts.state;
    this.sampler = parts.sampler;
    this.samplerPath = parts.samplerPath;
    this.#server = parts.server;
    this.#meter = parts.meter;
  }

  /** Whether saved weights may still be sampled from. */
  uses(path: string): boolean {
    return path === this.samplerPath || path === this.#previousPath;
  }

  /** Makes the current weights the sampler's. Weights that no sampler and no checkpoint needs any more are deleted. */
  async publish(name: string, checkpoints: readonly { samplerPath?: string }[], signal?: AbortSignal): Promise<void> {
    const path = await this.trainer.saveWeightsForSampler(name, signal);
    this.sampler = meteredSampler(await this.#server.openSampler(path, signal), this.#meter);
    const unwanted = this.#previousPath;
    [this.#previousPath, this.samplerPath] = [this.samplerPath, path];
    if (
      unwanted === undefined ||
      this.uses(unwanted) ||
      checkpoints.some(({ samplerPath }) => samplerPath === unwanted)
    )
      return;
    // Weights that could not be deleted cost room on the server and nothing else.
    await this.#server.deleteWeights?.(unwanted).catch(() => {});
  }
}

/**
 * Opens the policy as the last checkpoint has it, or as it begins. A beginning is a checkpoint too, of step 0.
 */
export async function openPolicy(options: {
  server: PolicyServer;
  run: TrainRun<RlState>;
  meter: BusyMeter;
  reduction?: Reduction;
  needsReference: boolean;
  overlap: boolean;
  now: () => number;
  signal?: AbortSignal;
}): Promise<Policy> {
  const { server, run, meter, signal } = options;
  const { last } = run.ledger;
  // Measured on a model that is given up afterwards: it stirs the optimiser.
  const reduction = last?.state.reduction ?? options.reduction ?? (await measuredReduction(server, signal));
  if (options.overlap) checkOverlap(reduction);
  const trainer = meteredTrainer(await server.openTrainer({ from: last?.path, signal }), meter);
  // Sampler weights are saved anew: the server may have been another one meanwhile.
  const samplerPath = await trainer.saveWeightsForSampler(
    last === undefined ? "start" : `resumed-${last.step}`,
    signal,
  );
  const state = last?.state ?? { reduction };
  if (last === undefined) {
    const path = await trainer.saveWeights("start", signal);
    await run.ledger.record({ step: 0, path, samplerPath, savedAt: new Date(options.now()).toISOString(), state });
  }
  const sampler = await server.openSampler(samplerPath, signal);
  const reference = options.needsReference ? await server.openReference(signal) : undefined;
  return new Policy({
    ...{ server, meter, trainer, state, samplerPath },
    sampler: meteredSampler(sampler, meter),
    reference: reference && meteredSampler(reference, meter),
  });
}

/**
 * SkyRL's JAX backend (known by its reduction) has one place for the weights that a model trains and those it samples from:
 * sampling from earlier ones puts them back in the place of what was learned since. Throws `InputError` there.
 */
function checkOverlap({ tokens, sequences }: Reduction): void {
  if (tokens !== "mean-of-targets" || sequences !== "mean") return;
  throw new InputError(
    "SkyRL's JAX backend cannot sample from earlier weights while it trains: it would put them in the place of the trained ones. Leave it out, or use the Tinker service or SkyRL on Ray",
    { field: "overlap" },
  );
}

/** How the server reduces losses. Throws `TrainingError` where it cannot be measured. */
async function measuredReduction(server: PolicyServer, signal: AbortSignal | undefined): Promise<Reduction> {
  const probe = server.codec.encode([{ role: "user", content: "Which of the two answers is the better one?" }]);
  const reduction = await measureReduction(await server.openTrainer({ signal }), probe, signal);
  if (reduction !== undefined) return reduction;
  throw new TrainingError(
    "unknown-reduction",
    "the server gives no gradient norm, so how it reduces losses cannot be measured. Say it: --reduction sum for the Tinker service and SkyRL on Ray, --reduction mean for SkyRL's JAX backend",
  );
}
