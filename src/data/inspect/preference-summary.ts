import type { ShareInterval } from "../../core/statistics/wilson.ts";

/** What `inspectPreferences` finds in preference data. Lengths in characters are UTF-16 units. */
export interface PreferenceSummary {
  files: FileSummary[];
  /** Rows that could be told apart, broken ones included. */
  rows: number;
  pairs: number;
  /** Rows without a pair, by the reason. */
  none: { reason: string; rows: number }[];
  broken: BrokenSummary;
  lengths: Record<"query" | "chosen" | "rejected", TextLengths>;
  /** Pairs by the number of the user's messages in the conversation. */
  turns: { turns: number; pairs: number }[];
  languages: LanguageSummary;
  duplicates: DuplicateSummary;
  strength: StrengthSummary;
  lengthBias: LengthBias;
  /** The most frequent first, at most 200 of each. */
  sources: GroupSummary[];
  domains: GroupSummary[];
  /** Pairs drawn at random, with texts cut to 300 characters. */
  examples: PairExample[];
}

/** A file whose rows a preset knows; what is wrong with others is told in `broken`. */
export interface FileSummary {
  file: string;
  preset: string;
  /** `null` where the collection names none. */
  licence: string | null;
  shippable: boolean;
  caveat?: string;
}

export interface BrokenSummary {
  rows: number;
  /** Faults of whole files: what is not there, ends early, or has a shape that no preset knows. */
  files: number;
  /** The first 20 messages. */
  messages: string[];
}

export interface TextLengths {
  characters: Distribution;
  /** Runs of anything but white space. */
  words: Distribution;
}

/** Quantiles are of type 7. All are `null` without pairs. */
export interface Distribution {
  mean: number | null;
  min: number | null;
  p5: number | null;
  p25: number | null;
  p50: number | null;
  p75: number | null;
  p95: number | null;
  max: number | null;
}

export interface LanguageSummary {
  /** How many queries were looked at: a random sample where there are more. */
  sampled: number;
  /** ISO 639-1 codes of the query's last message; `und` where the text is too short or mixed to tell. */
  counts: { language: string; queries: number }[];
}

export interface DuplicateSummary {
  /** Pairs that were there before, word for word. */
  pairs: number;
  distinctPrompts: number;
  /** Prompts that stand in several pairs. */
  repeatedPrompts: number;
  /** Two responses to one prompt of which each is preferred to the other somewhere. */
  contradictions: number;
  /** Pairs whose two responses are the same text. */
  identicalResponses: number;
}

export interface StrengthSummary {
  /** Pairs whose source says nothing. */
  without: number;
  /** Ten bins above `from` and up to `to`. */
  bins: { from: number; to: number; pairs: number }[];
}

/** How length goes with the label; lengths in characters. */
export interface LengthBias {
  chosenLonger: number;
  equal: number;
  rejectedLonger: number;
  /** Share of the chosen one being longer, of pairs with different lengths, with Wilson's 95 % interval. */
  share: ShareInterval | null;
  /** Geometric mean of the chosen one's length over the rejected one's, of pairs without an empty response. */
  meanRatio: number | null;
}

export interface GroupSummary {
  name: string;
  pairs: number;
  /** Share of the chosen one being longer, of pairs with different lengths. */
  chosenLonger: number | null;
}

export interface PairExample {
  id: string;
  query: string;
  chosen: string;
  rejected: string;
  strength?: number;
}
