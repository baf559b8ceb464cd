import { type Random, seededRandom } from "../../../core/random.ts";
import type { NativeSampler } from "../llama-bindings.ts";
import { argmax, logProbabilities, ranked } from "./toy-model.ts";

/** Draws like llama.cpp's sampler; like it, it goes on with its random numbers when it gets the seed it has already. */
export class ToySampler implements NativeSampler {
  busy = false;
  disposed = false;
  #config: { temperature?: number; topP?: number; seed?: number } = {};
  #random: Random = seededRandom(0);
  #seed: number | undefined;

  applyConfig(config: { temperature?: number; topP?: number; seed?: number }): void {
    if (this.disposed) throw new Error("Sampler is disposed");
    if (this.busy) throw new Error("a sampler was configured while it draws");
    if (config.seed !== undefined && config.seed !== this.#seed) {
      this.#seed = config.seed;
      this.#random = seededRandom(config.seed);
    }
    this.#config = config;
  }

  draw(logits: Float64Array): number {
    const { temperature = 0, topP = 1 } = this.#config;
    if (temperature === 0) return argmax(logits);
    const logprobs = logProbabilities(logits);
    const kept: number[] = [];
    let covered = 0;
    for (const token of ranked(logits)) {
      if (covered >= topP) break;
      kept.push(token);
      covered += Math.exp(logprobs[token]!);
    }
    const weights = kept.map((token) => Math.exp(logprobs[token]! / temperature));
    let left = this.#random() * weights.reduce((sum, weight) => sum + weight, 0);
    for (const [index, weight] of weights.entries()) {
      left -= weight;
      if (left < 0) return kept[index]!;
    }
    return kept.at(-1)!;
  }

  dispose(): void {
    if (this.busy) throw new Error("a sampler was disposed of while it draws");
    this.disposed = true;
  }
}
