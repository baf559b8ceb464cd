import { seededRandom } from "../../../core/random.ts";
import type { Engine } from "../../../engines/engine.ts";
import type { Datum } from "../../../tinker/datum.ts";
import type { SampleRequest, SampleResult, Sampler } from "../../../tinker/sampler.ts";
import type { Loss, PassResult, Trainer } from "../../../tinker/trainer.ts";
import type { PolicyServer } from "../policy-server.ts";
import type { Reduction } from "../update/advantage-scales.ts";
import { endOfAnswer, phraseCount, phraseOf, tokenOfPhrase, toyCodec } from "./toy-codec.ts";
import { stateAfter, ToyModel, type ToyWeights, withinAnswer } from "./toy-model.ts";

/** State of the one parameter that characters depend on, so that a probe of any text has a gradient. */
const characters = "characters";

/** A training server in memory: real gradients of the real losses, on a policy that is a table. */
export class ToyServer implements PolicyServer {
  readonly codec = toyCodec;
  /** Everything that was saved, by path; outlives trainers, as a server's disk does. */
  readonly saved = new Map<string, ToyWeights>();
  /** Names of the calls that were made, in order; may throw, which is then the call's failure. */
  onCall: (name: string) => void = () => {};
  /** May change what a pass answers. */
  onPass: (result: PassResult) => PassResult = (result) => result;
  readonly reduction: Reduction;
  readonly deleted: string[] = [];
  #models = 0;

  constructor(reduction: Reduction = { tokens: "mean-of-targets", sequences: "mean" }) {
    this.reduction = reduction;
  }

  async openTrainer({ from }: { from?: string } = {}): Promise<Trainer> {
    this.onCall("create_model");
    return this.#trainer(`toy://${this.#models++}`, from === undefined ? new ToyModel() : this.#load(from));
  }

  async openSampler(path: string): Promise<Sampler> {
    const weights = this.saved.get(path);
    if (weights === undefined) throw new Error(`there are no weights at ${path}`);
    return this.#sampler(new ToyModel(weights));
  }

  #sampler(model: ToyModel): Sampler {
    return {
      sample: async (request) => {
        this.onCall("asample");
        return sample(model, request);
      },
    };
  }

  async openReference(): Promise<Sampler> {
    return this.#sampler(new ToyModel());
  }

  async openEngine(path: string): Promise<Engine> {
    return engineOf(await this.openSampler(path), path);
  }

  async deleteWeights(path: string): Promise<void> {
    this.deleted.push(path);
    this.saved.delete(path);
  }

  #load(path: string): ToyModel {
    this.onCall("load_weights");
    const weights = this.saved.get(path);
    if (weights === undefined) throw new Error(`there are no weights at ${path}`);
    return new ToyModel(weights);
  }

  #trainer(id: string, model: ToyModel): Trainer {
    let gradient = new Map<string, number[]>();
    let count = 0;
    const save = (path: string) => {
      this.saved.set(path, structuredClone(model.weights));
      return path;
    };
    return {
      forward: async (data) => {
        this.onCall("forward");
        return this.onPass({ logprobs: data.map((datum) => passOver(model, datum).logprobs), metrics: {} });
      },
      forwardBackward: async (data, loss) => {
        this.onCall("forward_backward");
        const passes = data.map((datum) => passOver(model, datum));
        data.forEach((datum, index) => {
          addGradient(gradient, model, datum, { ...passes[index]!, loss, reduction: this.reduction });
          count++;
        });
        return this.onPass({ logprobs: passes.map(({ logprobs }) => logprobs), metrics: {} });
      },
      optimStep: async (params) => {
        this.onCall("optim_step");
        const divisor = this.reduction.sequences === "mean" ? Math.max(1, count) : 1;
        const reduced = new Map([...gradient].map(([state, row]) => [state, row.map((slope) => slope / divisor)]));
        const norm = Math.hypot(...[...reduced.values()].flat());
        model.ascend(reduced, params);
        [gradient, count] = [new Map(), 0];
        return { metrics: { "skyrl.ai/grad_norm": norm } };
      },
      saveWeights: async (name) => {
        this.onCall("save_weights");
        return save(`${id}/weights/${name}`);
      },
      saveWeightsForSampler: async (name) => {
        this.onCall("save_weights_for_sampler");
        return save(`${id}/sampler/${name}`);
      },
      loadWeights: async () => {
        throw new Error("weights are loaded into a new model only");
      },
    };
  }
}

/** Log-probabilities of a datum's targets, and what each was said in. */
function passOver(model: ToyModel, { input, target }: Pick<Datum, "input" | "target">) {
  const states = new Array<string>(target.length).fill(characters);
  const logprobs = new Float32Array(target.length).fill(-2 - Math.log1p(Math.exp(-model.row(characters)[0]!)));
  target.forEach((token, at) => {
    const phrase = phraseOf(token);
    if (phrase === undefined) return;
    states[at] = stateAfter(input.subarray(0, at + 1));
    logprobs[at] = model.logprobs(states[at])[phrase]!;
  });
  return { states, logprobs };
}

/** Adds a datum's gradient of the objective, which is minus the loss. */
function addGradient(
  gradient: Map<string, number[]>,
  model: ToyModel,
  { target, advantages, logprobs: sampled }: Datum,
  pass: { states: string[]; logprobs: Float32Array; loss: Loss; reduction: Reduction },
): void {
  const trained = advantages!.filter((advantage) => advantage !== 0).length;
  const divisor = { sum: 1, "mean-of-targets": target.length, "mean-of-trained": trained }[pass.reduction.tokens];
  target.forEach((token, at) => {
    if (advantages![at] === 0) return;
    const ratio = Math.exp(pass.logprobs[at]! - sampled![at]!);
    const slope = slopeOf(pass.loss, ratio, advantages![at]!) / divisor;
    const state = pass.states[at]!;
    const row = gradient.get(state) ?? new Array<number>(phraseCount).fill(0);
    gradient.set(state, row);
    const phrase = phraseOf(token);
    if (phrase === undefined) row[0]! += slope / (1 + Math.exp(model.row(characters)[0]!));
    else
      model.logprobs(state).forEach((logprob, other) => {
        row[other]! += slope * ((other === phrase ? 1 : 0) - Math.exp(logprob));
      });
  });
}

/** Derivative of a token's objective by its log-probability. */
function slopeOf({ name, config }: Loss, ratio: number, advantage: number): number {
  const { clip_low_threshold: low = 0.8, clip_high_threshold: high = 1.2 } = config ?? {};
  const clipped = Math.min(high, Math.max(low, ratio));
  if (name === "cispo") return clipped * advantage;
  if (name === "ppo" && clipped * advantage < ratio * advantage) return 0;
  return ratio * advantage;
}

function sample(model: ToyModel, request: SampleRequest): SampleResult {
  const { prompt, maxTokens, temperature, seed } = request;
  const random = seededRandom(seed);
  const tokens: number[] = [];
  const logprobs: number[] = [];
  let state = stateAfter(prompt);
  while (tokens.length < maxTokens && tokens.at(-1) !== endOfAnswer) {
    const options = model.logprobs(state);
    const phrase = temperature === 0 ? options.indexOf(Math.max(...options)) : draw(options, random());
    tokens.push(tokenOfPhrase(phrase));
    logprobs.push(options[phrase]!);
    state = withinAnswer;
  }
  const stopReason = tokens.at(-1) === endOfAnswer ? "stop" : "length";
  const promptLogprobs = request.promptLogprobs ? logprobsOf(model, prompt) : undefined;
  const sequence = { tokens: Int32Array.from(tokens), logprobs: Float32Array.from(logprobs), stopReason } as const;
  return { sequences: [sequence], promptLogprobs };
}

function logprobsOf(model: ToyModel, tokens: Int32Array): Float32Array {
  const logprobs = new Float32Array(tokens.length).fill(Number.NaN, 0, 1);
  logprobs.set(passOver(model, { input: tokens.subarray(0, -1), target: tokens.subarray(1) }).logprobs, 1);
  return logprobs;
}

function draw(logprobs: number[], random: number): number {
  let left = random;
  for (const [phrase, logprob] of logprobs.entries()) {
    left -= Math.exp(logprob);
    if (left < 0) return phrase;
  }
  return logprobs.length - 1;
}

/** An engine on a sampler, as the judge needs one. */
function engineOf(sampler: Sampler, model: string): Engine {
  return {
    identity: { engine: "toy", model },
    capabilities: { forms: "none", logprobs: false, sharedPrefix: false, tokens: false },
    concurrency: 8,
    async generate({ messages, maxTokens, temperature, topP, seed }) {
      const prompt = toyCodec.encode(messages);
      const { sequences } = await sampler.sample({ prompt, n: 1, maxTokens, temperature, topP, seed });
      const { tokens, stopReason } = sequences[0]!;
      const usage = { promptTokens: prompt.length, cachedPromptTokens: 0, outputTokens: tokens.length };
      return [{ text: toyCodec.decode(tokens), finishReason: stopReason, usage, milliseconds: 0 }];
    },
    close: async () => {},
  };
}
