import type { Message } from "../../core/message.ts";

/** What rows are compared by: their prompts (all messages), or prompts and both responses. */
export type Compared = "prompt" | "pair";

/** The texts of a row that are compared; `messages` is the conversation as JSON. */
export function comparedTexts(of: Compared, messages: string, chosen: string, rejected: string): string[] {
  const prompt = (JSON.parse(messages) as Message[]).map(({ content }) => content);
  return of === "prompt" ? prompt : [...prompt, chosen, rejected];
}
