import type { Message } from "../../core/message.ts";

/**
 * What rows are compared by: their prompts (all messages), or also their responses. Each part must be similar by itself:
 * with one long passage before them, different responses would seem the same.
 */
export type Compared = "prompt" | "pair";

/** The parts of a row that are compared, of several texts each; `messages` is the conversation as JSON. */
export function comparedParts(of: Compared, messages: string, chosen: string, rejected: string): string[][] {
  const prompt = (JSON.parse(messages) as Message[]).map(({ content }) => content);
  return of === "prompt" ? [prompt] : [prompt, [chosen, rejected]];
}
