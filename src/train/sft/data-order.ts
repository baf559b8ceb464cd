import { deriveSeed, seededRandom } from "../../core/random.ts";
import { shuffle } from "../../core/shuffle.ts";

export interface DataOrderOptions {
  examples: number;
  /** Examples of a step. The last step of an epoch has what is left. */
  batchSize: number;
  seed: number;
}

/** Steps of one epoch. */
export function stepsPerEpoch({ examples, batchSize }: Omit<DataOrderOptions, "seed">): number {
  return Math.ceil(examples / batchSize);
}

/**
 * Which examples a step trains on: a function of the step alone, so that training goes on anywhere without having read
 * what came before. Every epoch is a permutation of its own.
 */
export function dataOrder(options: DataOrderOptions): (step: number) => { epoch: number; examples: number[] } {
  const perEpoch = stepsPerEpoch(options);
  const all = Array.from({ length: options.examples }, (_, index) => index);
  let known: { epoch: number; order: number[] } | undefined;
  return (step) => {
    const epoch = Math.floor(step / perEpoch);
    if (known?.epoch !== epoch) known = { epoch, order: shuffle(all, seededRandom(deriveSeed(options.seed, epoch))) };
    const start = (step % perEpoch) * options.batchSize;
    return { epoch, examples: known.order.slice(start, start + options.batchSize) };
  };
}
