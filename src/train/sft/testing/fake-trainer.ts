import { stableHash } from "../../../core/hash.ts";
import type { Datum } from "../../../tinker/datum.ts";
import type { AdamParams, Loss, PassResult, Trainer } from "../../../tinker/trainer.ts";

/** One call, as tests look at it. */
export type TrainerCall =
  | { kind: "forwardBackward" | "forward"; data: Datum[] }
  | { kind: "optimStep"; params: AdamParams }
  | { kind: "saveWeights" | "saveWeightsForSampler"; path: string }
  | { kind: "loadWeights"; path: string; optimizer: boolean };

export interface FakeServerOptions {
  /** Throws where the process is to be "killed". Called before every call takes effect. */
  beforeCall?: (call: TrainerCall) => void;
  /** Log-probability of every target. Default: -1. */
  logprob?: (datum: Datum, position: number) => number;
}

/**
 * A server that keeps saved weights while its clients come and go. The "weights" are a hash of all that was learned, in
 * its order, so two trainings are equal exactly where their weights are.
 */
export class FakeTrainingServer {
  readonly saved = new Map<string, string>();
  readonly calls: TrainerCall[] = [];
  options: FakeServerOptions;
  #models = 0;

  constructor(options: FakeServerOptions = {}) {
    this.options = options;
  }

  /** A new model in its first state. */
  createModel(): Trainer & { weights: string } {
    const model = `model-${this.#models++}`;
    let gradients: unknown[] = [];
    let called = 0;
    const call = (one: TrainerCall) => {
      if (one.kind === "loadWeights" && called > 0) throw new Error("weights are loaded into a model that was used");
      called++;
      this.options.beforeCall?.(one);
      this.calls.push(one);
    };
    const pass = (data: Datum[]): PassResult => ({
      logprobs: data.map((datum) =>
        Float32Array.from(datum.target, (_, position) => this.options.logprob?.(datum, position) ?? -1),
      ),
      metrics: {},
    });
    const path = (name: string) => `tinker://${model}/${name}`;
    const trainer = {
      weights: "initial",
      forwardBackward: async (data: Datum[], loss: Loss) => {
        call({ kind: "forwardBackward", data });
        gradients.push([loss.name, data.map(plain)]);
        return pass(data);
      },
      forward: async (data: Datum[]) => {
        call({ kind: "forward", data });
        return pass(data);
      },
      optimStep: async (params: AdamParams) => {
        call({ kind: "optimStep", params });
        trainer.weights = stableHash([trainer.weights, params, gradients]);
        gradients = [];
        return { metrics: { "skyrl.ai/grad_norm": 1 } };
      },
      saveWeights: async (name: string) => {
        call({ kind: "saveWeights", path: path(name) });
        this.saved.set(path(name), trainer.weights);
        return path(name);
      },
      loadWeights: async (from: string, { optimizer = true }: { optimizer?: boolean } = {}) => {
        call({ kind: "loadWeights", path: from, optimizer });
        const found = this.saved.get(from);
        if (found === undefined) throw new Error(`nothing is saved as ${from}`);
        trainer.weights = found;
      },
      saveWeightsForSampler: async (name: string) => {
        call({ kind: "saveWeightsForSampler", path: path(`sampler-${name}`) });
        this.saved.set(path(`sampler-${name}`), trainer.weights);
        return path(`sampler-${name}`);
      },
    };
    return trainer;
  }
}

function plain({ input, target, weights }: Datum) {
  return { input: [...input], target: [...target], weights: [...(weights ?? [])] };
}
