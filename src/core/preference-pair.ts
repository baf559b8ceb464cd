import type { Message } from "./message.ts";

/** One preference: of two responses to the same query, which one is better. The normal form of all training data. */
export interface PreferencePair {
  /** `<file>#<0-based row>`, with `/<k>` behind it where a row holds several pairs. Unique in a collection. */
  id: string;
  /** The query as a conversation that ends with the user. */
  messages: Message[];
  /** Text of the better response. */
  chosen: string;
  /** Text of the worse response. */
  rejected: string;
  /** Where the pair comes from: the name of a collection, with its own part behind a slash where it names one. */
  source: string;
  /**
   * How clearly the chosen one is better, above 0 and up to 1: the share of votes beyond a tie, or the difference of ratings
   * over the width of their scale. Absent where the source says nothing.
   */
  strength?: number;
  /** What the query is about, in the source's own words. */
  domain?: string;
}
