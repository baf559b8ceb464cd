import type { Judgment } from "../../judge/judgment.ts";

/** Comparisons of the evaluations of both sides under the same criteria. */
export interface Comparisons {
  /** The chosen response got the higher score. */
  won: number;
  lost: number;
  tied: number;
  /** One of the two has no score. */
  unscored: number;
  /** What the engine said, where it failed. */
  engineError?: string;
}

/** Every evaluation of the chosen response against every one of the rejected response by the same list of criteria. */
export function compareSides(judgment: Judgment): Comparisons {
  const counts: Comparisons = { won: 0, lost: 0, tied: 0, unscored: 0 };
  const [chosen, rejected] = judgment.responses;
  for (const better of chosen!.votes)
    for (const worse of rejected!.votes) {
      if (better.criteriaSample !== worse.criteriaSample) continue;
      if (better.kind === "unscored" || worse.kind === "unscored") counts.unscored++;
      else if (better.value > worse.value) counts.won++;
      else counts[better.value < worse.value ? "lost" : "tied"]++;
    }
  const failure = [...chosen!.votes, ...rejected!.votes].find(
    (vote) => vote.kind === "unscored" && vote.reason === "engine-error",
  );
  if (failure?.kind === "unscored") counts.engineError = failure.detail;
  return counts;
}

/** Share of comparisons that the chosen response wins: ties and unscored ones count as not won (method, section 6). */
export function passRate({ won, lost, tied, unscored }: Comparisons): number {
  return won / (won + lost + tied + unscored);
}
