import { type Scale, scaleScores } from "../../../core/scale.ts";

/** The score of a scale nearest to a share of the way from its lowest to its highest, the higher of two. */
export function scoreOfShare(scale: Scale, share: number): number {
  const value = scale.min + share * (scale.max - scale.min);
  return scaleScores(scale).reduce((best, score) => (Math.abs(score - value) <= Math.abs(best - value) ? score : best));
}

/** How far up its scale a score is, 0 to 1. */
export function shareOfScore({ min, max }: Scale, score: number): number {
  return (score - min) / (max - min);
}
