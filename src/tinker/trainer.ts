import type { Datum } from "./datum.ts";

/** A loss the server computes, with its settings (`clip_low_threshold`, `clip_high_threshold` for `ppo`). */
export interface Loss {
  name: "cross_entropy" | "importance_sampling" | "ppo" | "cispo";
  config?: Record<string, number>;
}

/** What a pass over data gave. */
export interface PassResult {
  /** The trainer's own natural log-probability of every target, one array [T] for each datum, in their order. */
  logprobs: Float32Array[];
  /** The server's numbers about the pass, by its own names. */
  metrics: Record<string, number>;
}

/** Settings of one Adam step. */
export interface AdamParams {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
}

/**
 * A model under training. Calls of one trainer take effect in the order in which they were made; they may be made without
 * waiting for those before. After a call that failed, nothing that depended on it takes effect unnoticed: see `CallQueue`.
 */
export interface Trainer {
  /** Computes the loss and adds its gradient to those since the last `optimStep`. */
  forwardBackward(data: Datum[], loss: Loss, signal?: AbortSignal): Promise<PassResult>;
  /** Log-probabilities without a gradient. */
  forward(data: Datum[], signal?: AbortSignal): Promise<PassResult>;
  /** One optimiser step with the gradients added up; they are zero afterwards. */
  optimStep(params: AdamParams, signal?: AbortSignal): Promise<{ metrics: Record<string, number> }>;
  /** Saves weights and optimiser state under a name; the path it can be loaded from. */
  saveWeights(name: string, signal?: AbortSignal): Promise<string>;
  /**
   * Loads what `saveWeights` saved, with the optimiser state unless `optimizer` is false. Servers take it only as the first
   * call of a new model of the same rank.
   */
  loadWeights(path: string, options?: { optimizer?: boolean; signal?: AbortSignal }): Promise<void>;
  /** Makes the current weights available to samplers; the path a sampler is opened with. */
  saveWeightsForSampler(name: string, signal?: AbortSignal): Promise<string>;
}
