import type { Message } from "./message.ts";

/**
 * What the responses answer: a conversation whose last message is the user's. A plain question is a conversation of one
 * message. Criteria are written from a query alone.
 */
export interface Query {
  messages: Message[];
}

/** One candidate answer to a query. */
export interface Response {
  id: string;
  text: string;
}

/** Makes a query of a plain question. */
export function queryFromText(text: string): Query {
  return { messages: [{ role: "user", content: text }] };
}
