import type { Message } from "../../core/message.ts";

/** What of a conversation is looked for by itself. */
export interface Prompts {
  /** The whole of it and the user's first message, which count however short they are. */
  main: string[];
  /** The user's later messages, of which only long ones say what they are about. */
  later: string[];
  /** The lines of the first message, where it has several: an instruction may stand before what it is about. */
  lines: string[];
}

/** The texts of a conversation that may each be another's prompt. */
export function promptsOf(messages: readonly Message[]): Prompts {
  const [first, ...later] = messages.filter(({ role }) => role === "user").map(({ content }) => content);
  const all = messages.map(({ content }) => content).join("\n");
  const lines = first?.includes("\n") ? first.split(/\s*\n\s*/) : [];
  return { main: first === undefined || first === all ? [all] : [all, first], later, lines };
}
