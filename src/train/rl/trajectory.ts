import type { PreferencePair } from "../../core/preference-pair.ts";
import type { UnscoredReason } from "../../core/reward.ts";

/** Which of a pair's two responses. */
export type Side = "chosen" | "rejected";

export const sides: readonly Side[] = ["chosen", "rejected"];

/** What a trajectory came to, as the judge's own parsers read it. */
export type Outcome =
  | { kind: "criteria"; count: number }
  | { kind: "score"; value: number }
  | { kind: "unparsable"; reason: UnscoredReason; detail: string };

/** One sampled answer of the judge: a text of criteria, or an evaluation of one response. */
export interface Trajectory {
  stage: "criteria" | "evaluation";
  /** The response it is about. Absent for criteria that are written from the query alone. */
  side?: Side;
  /** Which criteria sample it is, or is judged by; absent for evaluations without criteria. */
  criteriaSample?: number;
  /** Which evaluation of its response by its criteria; 0 for criteria. */
  sample: number;
  /** Token ids of the conversation before the answer. */
  prompt: Int32Array;
  /** Token ids of the answer, [n], with the token that ended it. */
  tokens: Int32Array;
  /** Natural log-probability of each token of the answer when it was sampled, [n]. */
  logprobs: Float32Array;
  text: string;
  /** It was cut off at its token limit. */
  unfinished: boolean;
  outcome: Outcome;
}

/** All trajectories of one instance. */
export interface InstanceRollout {
  pair: PreferencePair;
  /** In a fixed order, whatever order they were finished in. */
  trajectories: Trajectory[];
  /** Why there are none: one of its prompts does not fit the model's context. */
  skipped?: string;
}
