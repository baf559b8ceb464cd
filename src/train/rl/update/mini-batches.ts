import type { Random } from "../../../core/random.ts";
import { shuffle } from "../../../core/shuffle.ts";
import type { MiniBatchSize } from "./advantage-scales.ts";
import type { TrainingSequence } from "./training-sequence.ts";

/** The sequences of one optimiser step. */
export interface MiniBatch {
  /** Those with an advantage that is not zero. */
  sequences: TrainingSequence[];
  size: MiniBatchSize;
}

/**
 * Deals sequences out to mini-batches at random, so that their counts differ by one at most. Sequences whose advantages
 * are all zero teach nothing: they count in a mini-batch's size and are not sent. Mini-batches with nothing to teach are
 * left out.
 */
export function makeMiniBatches(sequences: readonly TrainingSequence[], count: number, random: Random): MiniBatch[] {
  const shuffled = shuffle(sequences, random);
  return Array.from({ length: count }, (_, batch) => {
    const all = shuffled.filter((_, index) => index % count === batch);
    const tokens = all.reduce((sum, { trajectory }) => sum + trajectory.tokens.length, 0);
    return { sequences: all.filter(isTaught), size: { sequences: all.length, tokens } };
  }).filter((batch) => batch.sequences.length > 0);
}

function isTaught({ advantages }: TrainingSequence): boolean {
  return advantages.some((advantage) => advantage !== 0);
}
