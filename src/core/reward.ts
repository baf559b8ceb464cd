/** Why there is no reward for a response. An unscored response never becomes a number on the way to the user. */
export type UnscoredReason =
  /** The criteria text holds no criteria that can be read. */
  | "criteria-unparsable"
  /** The judge's answer was cut off at its token limit before the overall score. */
  | "truncated"
  /** The judge's answer holds no boxed score. */
  | "no-score"
  /** Boxes were found, but only the criteria's: the overall score is missing. */
  | "no-overall-score"
  /** The overall box holds something that is not a number. */
  | "not-a-number"
  /** The overall box holds a number outside the scale. */
  | "out-of-scale"
  /** The prompt does not fit the model's context. */
  | "context-overflow"
  /** The engine refused the request or failed for good (the detail says how). */
  | "engine-error";

/** No result, with the true reason. `detail` is one sentence for people. */
export interface Unscored {
  kind: "unscored";
  reason: UnscoredReason;
  detail: string;
}

/** A probability for every allowed score, as the model gave them at the place of a score. Sums to 1. */
export interface ScoreDistribution {
  scores: number[];
  probabilities: number[];
  /** Share of the model's probability mass that the allowed scores had before it was normalised, when known (0-1). */
  mass?: number;
}

/** A reward on the scale 0-10. With several votes: their mean, spread and count. */
export interface Scored {
  kind: "scored";
  value: number;
  scale: [number, number];
  /** How many votes were scored. */
  votes: number;
  /** Votes that were asked for and could not be scored. */
  unscoredVotes: number;
  /** Sample standard deviation of the votes; absent with fewer than two. */
  spread?: number;
}

/** What a response is worth: a number, or the reason why there is none. */
export type Reward = Scored | Unscored;
