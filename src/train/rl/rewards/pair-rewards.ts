/** The score of an evaluation; `"unparsable"` where it gives none, `"masked"` where it is to be left out of everything. */
export type ScoreOrFault = number | "unparsable" | "masked";

/** Rewards of evaluations of two responses that are compared with each other; `null` carries no signal. */
export interface PairRewards {
  /** R(e+), one per evaluation of the chosen response. */
  chosen: (number | null)[];
  /** R(e-), one per evaluation of the rejected response. */
  rejected: (number | null)[];
}

/**
 * Rewards of evaluations: the share of the other side's valid scores that the evaluation is ranked right against, ties
 * being worth nothing. One that gives no score gets the format penalty; where the other side has no valid score there is
 * nothing to compare with, and no signal (method: CE-RM, section 6).
 */
export function pairRewards(chosen: ScoreOrFault[], rejected: ScoreOrFault[], formatPenalty: number): PairRewards {
  const validChosen = chosen.filter((score) => typeof score === "number");
  const validRejected = rejected.filter((score) => typeof score === "number");
  const reward = (own: ScoreOrFault, shareWon: (own: number) => number | null) => {
    if (own === "masked") return null;
    return own === "unparsable" ? formatPenalty : shareWon(own);
  };
  return {
    chosen: chosen.map((own) => reward(own, (score) => share(validRejected, (other) => score > other))),
    rejected: rejected.map((own) => reward(own, (score) => share(validChosen, (other) => other > score))),
  };
}

/**
 * R(c): the share of all comparisons of a chosen with a rejected evaluation that come out right. Evaluations without a
 * score count as wrong; masked ones are left out, and `null` (no signal) is given where that leaves nothing to compare.
 */
export function criteriaReward(chosen: ScoreOrFault[], rejected: ScoreOrFault[]): number | null {
  const comparisons = chosen
    .filter((score) => score !== "masked")
    .flatMap((high) => rejected.filter((score) => score !== "masked").map((low) => ({ high, low })));
  return share(comparisons, ({ high, low }) => typeof high === "number" && typeof low === "number" && high > low);
}

/** Share of the elements for which it holds; `null` of none. */
function share<T>(elements: readonly T[], holds: (element: T) => boolean): number | null {
  return elements.length === 0 ? null : elements.filter(holds).length / elements.length;
}
