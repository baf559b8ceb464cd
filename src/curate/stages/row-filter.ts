import type { z } from "zod";
import type { Message } from "../../core/message.ts";
import type { TokenCounting } from "../text/count-tokens.ts";

/** The texts of a pair. */
export interface PairTexts {
  messages: Message[];
  chosen: string;
  rejected: string;
}

/** Why a row is dropped. */
export interface Verdict {
  reason: string;
  detail?: string;
}

/** A stage that looks at every row alone. Its test runs in many threads. */
export interface RowFilter<Settings> {
  name: string;
  summary: string;
  settings: z.ZodType<Settings>;
  /** Prepares a thread. The test returns nothing for a row that is kept. */
  open(settings: Settings, given: { tokens: TokenCounting }): RowTest | Promise<RowTest>;
}

export type RowTest = (row: PairTexts) => Verdict | undefined;

/** The text of a conversation's last message, which is the user's. */
export function lastMessage({ messages }: Pick<PairTexts, "messages">): string {
  return messages.at(-1)!.content;
}
