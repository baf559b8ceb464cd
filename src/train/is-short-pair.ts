import type { Message } from "../core/message.ts";
import type { PreferencePair } from "../core/preference-pair.ts";

/** Whether a pair's dialogue has at most `maxTokens` tokens with the longer of its two responses. */
export function isShortPair(
  { messages, chosen, rejected }: PreferencePair,
  maxTokens: number,
  tokensOf: (messages: readonly Message[]) => number,
): boolean {
  return [chosen, rejected].every((content) => tokensOf([...messages, { role: "assistant", content }]) <= maxTokens);
}
