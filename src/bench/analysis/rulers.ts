import type { ScoredItem } from "../benchmark.ts";
import type { MeasuredItem } from "./measured-item.ts";

/** Scores by length alone: in `longer` a response's length in code points, in `shorter` its negative. */
export function lengthRuler(items: readonly MeasuredItem[]): { longer: MeasuredItem[]; shorter: MeasuredItem[] } {
  return {
    longer: items.map((item) => ({ ...item, scores: item.lengths })),
    shorter: items.map((item) => ({ ...item, scores: item.lengths.map((length) => 0 - length) })),
  };
}

/** The same score for every response: what a benchmark gives for no information. */
export function constantJudge<T extends ScoredItem>(items: readonly T[], score = 5): T[] {
  return items.map((item) => ({ ...item, scores: item.scores.map(() => score) }));
}

/** A line of a scores file, without its line break. */
export function scoresLine({ item, scores }: ScoredItem): string {
  return JSON.stringify({ item: item.key, scores });
}
