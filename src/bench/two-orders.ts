/** What a judge that compares two responses says; `null` where it says nothing that can be read. */
export type Verdict = "A>B" | "B>A" | "A=B" | null;

/** A pair that was judged in both orders. The second verdict is of the turned pair, as the judge gave it. */
export interface TwoOrders {
  label: "A>B" | "B>A";
  verdicts: [first: Verdict, turned: Verdict];
}

export interface TwoOrderCounts {
  pairs: number;
  correct: number;
  /** Share of pairs whose two verdicts sum up in favour of the label. */
  accuracy: number | null;
  /** Share of pairs whose first verdict is the label. */
  oneOrder: number | null;
  bothRight: number;
  /** Pairs whose verdicts, the second turned back, differ. */
  disagree: number;
  /** Verdicts, of two for each pair. */
  ties: number;
  nulls: number;
  /** Share of verdicts that name the response shown first, of those that name one: 1/2 without position bias. */
  firstShare: number | null;
}

/** The verdict of a turned pair in terms of the pair as it is. */
export function turnBack(verdict: Verdict): Verdict {
  return verdict === "A>B" ? "B>A" : verdict === "B>A" ? "A>B" : verdict;
}

/**
 * JudgeBench's rule for judges asked in both orders: a verdict for the label adds 1, one against it takes 1, ties and
 * nulls add nothing; the pair is correct where the sum is above 0.
 */
export function isCorrectInTwoOrders({ label, verdicts: [first, turned] }: TwoOrders): boolean {
  const point = (verdict: Verdict) => (verdict === label ? 1 : verdict === turnBack(label) ? -1 : 0);
  return point(first) + point(turnBack(turned)) > 0;
}

/** Counts over pairs judged in both orders. */
export function countTwoOrders(pairs: readonly TwoOrders[]): TwoOrderCounts {
  let [correct, one, bothRight, disagree, ties, nulls, first, named] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (const pair of pairs) {
    const { label, verdicts } = pair;
    const back = turnBack(verdicts[1]);
    if (isCorrectInTwoOrders(pair)) correct++;
    if (verdicts[0] === label) one++;
    if (verdicts[0] === label && back === label) bothRight++;
    if (verdicts[0] !== back) disagree++;
    for (const verdict of verdicts) {
      if (verdict === "A=B") ties++;
      else if (verdict === null) nulls++;
      else named++;
      if (verdict === "A>B") first++;
    }
  }
  const share = (count: number, of: number) => (of === 0 ? null : count / of);
  return {
    pairs: pairs.length,
    correct,
    accuracy: share(correct, pairs.length),
    oneOrder: share(one, pairs.length),
    bothRight,
    disagree,
    ties,
    nulls,
    firstShare: share(first, named),
  };
}

/**
 * The verdict in a judge's text: the label between double square brackets, `>>` read as `>`. `null` without one, or
 * with two that differ.
 */
export function readVerdict(text: string): Verdict {
  const found = [...text.matchAll(/\[\[(A>>?B|B>>?A|A=B)\]\]/g)].map((match) => match[1]!.replace(">>", ">"));
  const labels = new Set(found);
  return labels.size === 1 ? (found[0] as Verdict) : null;
}

/** The verdict of a pointwise judge in JudgeBench's own code: the second response wins a tie. */
export function verdictOfScores(first: number | null, second: number | null): Verdict {
  if (first === null || second === null) return null;
  return first > second ? "A>B" : "B>A";
}
