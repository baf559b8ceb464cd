import { answerStart, type TrainingSequence } from "./training-sequence.ts";

/** How far the policy under training is from the one that sampled, over the answers' tokens. */
export interface OffPolicyness {
  tokens: number;
  /** Mean of the ratio trainer to sampler probability; 1 where they are the same. */
  ratioMean: number;
  ratioMin: number;
  ratioMax: number;
  /**
   * KL from the sampler to the trainer in nats a token, estimated as the mean of `r - 1 - log r` (Schulman's k3: unbiased
   * and never negative).
   */
  kl: number;
  /** Share of tokens whose ratio is outside the clip range; 0 without one. */
  clipped: number;
}

/** Compares the trainer's log-probabilities of data, one array [T] for each sequence, with the sampler's. */
export function measureOffPolicyness(
  sequences: readonly TrainingSequence[],
  trainerLogprobs: readonly Float32Array[],
  clip?: { low: number; high: number },
): OffPolicyness {
  const found = { tokens: 0, ratioSum: 0, ratioMin: Number.POSITIVE_INFINITY, ratioMax: 0, klSum: 0, clipped: 0 };
  sequences.forEach(({ trajectory }, index) => {
    const start = answerStart(trajectory);
    trajectory.logprobs.forEach((sampled, token) => {
      const difference = trainerLogprobs[index]![start + token]! - sampled;
      const ratio = Math.exp(difference);
      found.tokens++;
      found.ratioSum += ratio;
      found.ratioMin = Math.min(found.ratioMin, ratio);
      found.ratioMax = Math.max(found.ratioMax, ratio);
      found.klSum += ratio - 1 - difference;
      if (clip !== undefined && (ratio < clip.low || ratio > clip.high)) found.clipped++;
    });
  });
  const { tokens, ratioMin, ratioMax } = found;
  return {
    ...{ tokens, ratioMin, ratioMax },
    ratioMean: found.ratioSum / tokens,
    kl: found.klSum / tokens,
    clipped: found.clipped / tokens,
  };
}

/** Several measurements as one, weighted by their tokens. */
export function mergeOffPolicyness(parts: readonly OffPolicyness[]): OffPolicyness {
  const tokens = parts.reduce((sum, part) => sum + part.tokens, 0);
  const weighted = (of: (part: OffPolicyness) => number) =>
    parts.reduce((sum, part) => sum + of(part) * part.tokens, 0) / tokens;
  return {
    tokens,
    ratioMean: weighted((part) => part.ratioMean),
    ratioMin: Math.min(...parts.map((part) => part.ratioMin)),
    ratioMax: Math.max(...parts.map((part) => part.ratioMax)),
    kl: weighted((part) => part.kl),
    clipped: weighted((part) => part.clipped),
  };
}
