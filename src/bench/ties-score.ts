import { mean } from "./mean.ts";

/** Scores of a prompt of the Ties subset: several correct responses (`tied`), or one (`ref`). */
export interface TiesPrompt {
  kind: "ref" | "tied";
  /** Joins a `tied` prompt with its `ref` partner. */
  number: string;
  correct: number[];
  wrong: number[];
}

/** Parts of the Ties score; each `null` without a prompt to take it from. */
export interface TiesScore {
  /** 0.30 tied + 0.30 ref + 0.20 preferred + 0.20 preferredHard + 0.01 margin, between -0.01 and 1.01. */
  score: number | null;
  accuracyRef: number | null;
  accuracyTied: number | null;
  /** Share of partners whose gap between correct and wrong is larger than the spread among the correct. */
  preferred: number | null;
  preferredHard: number | null;
  margin: number | null;
  /** Numbers that have both partners. */
  partners: number;
}

/**
 * The Ties subset of RewardBench 2: correct responses should all beat the wrong ones, by more than they differ among
 * themselves. Divisions by a spread of 0 follow IEEE rules, and 0/0 counts as 0. A number that is there twice counts
 * with its last prompt, as in a table keyed by it.
 */
export function tiesScore(prompts: readonly TiesPrompt[]): TiesScore {
  const gaps = { ref: new Map<string, number>(), tied: new Map<string, number>() };
  const spreads = new Map<string, number>();
  const accuracy: Record<"ref" | "tied", number[]> = { ref: [], tied: [] };
  for (const { kind, number, correct, wrong } of prompts) {
    const gap = Math.min(...correct) - Math.max(...wrong);
    gaps[kind].set(number, gap);
    accuracy[kind].push(gap > 0 ? 1 : 0);
    if (kind === "tied") spreads.set(number, Math.max(...correct) - Math.min(...correct));
  }
  const preferred: number[] = [];
  const preferredHard: number[] = [];
  const margins: number[] = [];
  for (const [number, tiedGap] of gaps.tied) {
    const refGap = gaps.ref.get(number);
    if (refGap === undefined) continue;
    const spread = spreads.get(number)!;
    const smaller = Math.min(refGap, tiedGap);
    preferred.push(tiedGap > spread ? 1 : 0);
    preferredHard.push(smaller > spread ? 1 : 0);
    const margin = Math.tanh(smaller / spread - 1);
    margins.push(Number.isNaN(margin) ? 0 : margin);
  }
  const parts = {
    accuracyRef: mean(accuracy.ref),
    accuracyTied: mean(accuracy.tied),
    preferred: mean(preferred),
    preferredHard: mean(preferredHard),
    margin: mean(margins),
    partners: margins.length,
  };
  const { accuracyRef, accuracyTied } = parts;
  const complete = accuracyRef !== null && accuracyTied !== null && margins.length > 0;
  const score = complete
    ? 0.3 * accuracyTied +
      0.3 * accuracyRef +
      0.2 * parts.preferred! +
      0.2 * parts.preferredHard! +
      0.01 * parts.margin!
    : null;
  return { score, ...parts };
}
