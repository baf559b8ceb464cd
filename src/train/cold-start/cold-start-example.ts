import type { Message } from "../../core/message.ts";

/** A conversation of a judge to learn from, and where it comes from. */
export interface ColdStartExample {
  /** Unique in a file. */
  id: string;
  /** The judge's conversation in a pack's own prompts: turn 1, its criteria, and mostly turn 2 with its evaluation. */
  messages: Message[];
  /** Turns that are trained on: 1 criteria, 2 evaluation. */
  train: number[];
  /** Name of a record source, or the teacher's model. */
  source: string;
  /** The overall score of turn 2, where there is one. */
  overall?: number;
  /** What the judge was asked about, by which duplicates, splits and contamination are told. */
  query: Message[];
  /** The response that turn 2 evaluates. */
  response?: string;
}

/** An example, or why a record gave none. */
export type Conversion = { ok: true; example: ColdStartExample } | { ok: false; id: string; reason: string };
