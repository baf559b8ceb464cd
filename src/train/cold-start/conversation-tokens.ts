import type { Message } from "../../core/message.ts";
import type { CountTokens } from "../../curate/text/count-tokens.ts";

/** Tokens that a chat template adds to a message, about. */
const messageTokens = 5;

/** Tokens of a conversation, about: of its texts, and what a chat template adds. */
export function conversationTokens(messages: readonly Message[], countTokens: CountTokens): number {
  return messages.reduce((sum, { content }) => sum + countTokens(content) + messageTokens, 0);
}
