import { type TrainingSequence, targetCount } from "./training-sequence.ts";

/** How a server makes one number of the losses of all tokens since the last optimiser step. */
export interface Reduction {
  /** Within a sequence: their sum, or that divided by the number of its targets, or of its targets with an advantage. */
  tokens: "sum" | "mean-of-targets" | "mean-of-trained";
  /** Over sequences. */
  sequences: "sum" | "mean";
}

/** The Tinker service and SkyRL's Torch backends. */
export const sumReduction: Reduction = { tokens: "sum", sequences: "sum" };

/** What is to count the same: every token of a mini-batch, or every trajectory, however long it is. */
export const normalisations = ["token", "sequence"] as const;
export type Normalisation = (typeof normalisations)[number];

/** Everything of a mini-batch that has an advantage, also where it is zero and not sent. */
export interface MiniBatchSize {
  sequences: number;
  /** Of their answers. */
  tokens: number;
}

/**
 * What each sequence's advantages are to be multiplied by, so that the server's own reduction gives the mean over all
 * tokens of the mini-batch (`"token"`), or the mean over its trajectories of the mean over their tokens (`"sequence"`).
 * The losses are linear in the advantages and a positive factor moves no clipping, so this is exact.
 */
export function advantageScales(
  sent: readonly TrainingSequence[],
  size: MiniBatchSize,
  options: { reduction: Reduction; normalisation: Normalisation },
): number[] {
  const { reduction, normalisation } = options;
  return sent.map(({ trajectory }) => {
    const own = trajectory.tokens.length;
    const wanted = normalisation === "token" ? 1 / size.tokens : 1 / (size.sequences * own);
    const divisors = { sum: 1, "mean-of-targets": targetCount(trajectory), "mean-of-trained": own };
    return wanted * divisors[reduction.tokens] * (reduction.sequences === "mean" ? sent.length : 1);
  });
}
