import { krippendorffAlpha, mean, pairwiseAgreement, sampleDeviation } from "../../core/statistics/index.ts";

/** Several scores that one response got; `null` is an unscored vote. */
export interface ResponseVotes {
  item: string;
  response: string;
  votes: (number | null)[];
}

/** How far votes on the same response agree. Spreads are in the unit of the scores. */
export interface VoteAgreement {
  responses: {
    item: string;
    response: string;
    /** Scored votes, and the ones that were not. */
    scored: number;
    unscored: number;
    mean: number | null;
    /** Sample standard deviation; `null` with fewer than two scored votes. */
    spread: number | null;
  }[];
  /** Root of the mean variance within responses; `null` without a response with two scored votes. */
  spreadWithin: number | null;
  /** Krippendorff's alpha for interval data: 1 is agreement, 0 what chance gives. */
  alpha: number | null;
  /** Mean share of equal pairs of votes, and of pairs at most 1 apart. */
  equal: number | null;
  withinOne: number | null;
}

/** Spread of every response's votes, and the agreement over all of them. */
export function voteAgreement(votes: readonly ResponseVotes[]): VoteAgreement {
  const units = votes.map((one) => one.votes);
  const responses = votes.map(({ item, response, votes }) => {
    const values = votes.filter((vote) => vote !== null);
    return {
      item,
      response,
      scored: values.length,
      unscored: votes.length - values.length,
      mean: mean(values),
      spread: sampleDeviation(values),
    };
  });
  const variance = mean(responses.flatMap(({ spread }) => (spread === null ? [] : [spread ** 2])));
  return {
    responses,
    spreadWithin: variance === null ? null : Math.sqrt(variance),
    alpha: krippendorffAlpha(units),
    equal: pairwiseAgreement(units),
    withinOne: pairwiseAgreement(units, 1),
  };
}
