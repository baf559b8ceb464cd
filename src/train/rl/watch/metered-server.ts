import type { Sampler } from "../../../tinker/sampler.ts";
import type { Trainer } from "../../../tinker/trainer.ts";
import type { BusyMeter } from "./busy-meter.ts";

/** A sampler whose calls are measured. */
export function meteredSampler(sampler: Sampler, meter: BusyMeter): Sampler {
  return { sample: (request, signal) => meter.track(() => sampler.sample(request, signal)) };
}

/** A trainer whose calls are measured. */
export function meteredTrainer(trainer: Trainer, meter: BusyMeter): Trainer {
  return {
    forwardBackward: (...args) => meter.track(() => trainer.forwardBackward(...args)),
    forward: (...args) => meter.track(() => trainer.forward(...args)),
    optimStep: (...args) => meter.track(() => trainer.optimStep(...args)),
    saveWeights: (...args) => meter.track(() => trainer.saveWeights(...args)),
    loadWeights: (...args) => meter.track(() => trainer.loadWeights(...args)),
    saveWeightsForSampler: (...args) => meter.track(() => trainer.saveWeightsForSampler(...args)),
  };
}
