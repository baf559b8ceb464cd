import type { Criteria } from "../core/criteria.ts";
import type { Evaluation } from "../core/evaluation.ts";
import type { Query, Response } from "../core/query.ts";
import type { Reward, ScoreDistribution, Unscored } from "../core/reward.ts";
import type { Usage } from "../core/usage.ts";
import type { EngineIdentity } from "../engines/engine.ts";

/** How criteria come about: once per query, anew for every response, or not at all (the paper's controlled study). */
export type JudgeMode = "unified" | "per-response" | "implicit";

/** What the judge is given: a query and the responses to evaluate, with criteria where the user brings them. */
export interface JudgeInput {
  id: string;
  query: Query;
  responses: Response[];
  /** Used instead of generated ones. */
  criteria?: Criteria;
}

/** What a call to the engine cost. Of several callers that shared one call, the first bears it and the others nothing. */
export interface Cost {
  usage: Usage;
  milliseconds: number;
  /** The answer was taken from the store; it cost nothing now. */
  fromStore: boolean;
}

/** One sample of criteria, or why there is none. `responseId` in mode per-response only. */
export type CriteriaSample = { sample: number; responseId?: string; cost: Cost } & (
  | { kind: "criteria"; criteria: Criteria }
  | (Unscored & { text?: string })
);

/** One evaluation of one response, or why it has no score. */
export type Vote = { criteriaSample: number; evaluationSample: number; cost: Cost } & (
  | ({ kind: "scored"; evaluation: Evaluation } & VoteScore)
  | (Unscored & { text?: string })
);

/** `value` is the one of the two the judge was asked for. */
export interface VoteScore {
  value: number;
  /** The number the judge wrote. */
  hard: number;
  /** Mean over the probabilities of the allowed scores, where the engine gave them. */
  expected?: number;
  distribution?: ScoreDistribution;
}

export interface ResponseJudgment {
  id: string;
  reward: Reward;
  /** 1 is best; equal rewards share a rank; unscored responses come last. */
  rank: number;
  votes: Vote[];
}

/** The judge's result for one input, responses in the order of the input. */
export interface Judgment {
  id: string;
  mode: JudgeMode;
  criteria: CriteriaSample[];
  responses: ResponseJudgment[];
  usage: Usage;
  /** Wall-clock time from the start of this input to its end. */
  milliseconds: number;
  model: EngineIdentity;
  pack: string;
}
