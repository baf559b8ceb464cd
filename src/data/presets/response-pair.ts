import type { Message } from "../../core/message.ts";
import type { PairNotes } from "./compare.ts";
import { contextsDiffer, sameMessages, splitResponse } from "./conversation.ts";
import { messagesField, textOrMessages } from "./fields.ts";
import type { RowPairs } from "./preset.ts";

/** The fields of a pair. `prompt` is a text or a conversation; without it both responses are whole conversations. */
export interface PairFields {
  prompt?: string;
  chosen: string;
  rejected: string;
}

/** The pair of a row whose two responses are texts, or whole conversations that end with the response. */
export function responsePair(row: Record<string, unknown>, fields: PairFields, notes: PairNotes = {}): RowPairs {
  const good = responseOf(row, fields.chosen);
  const bad = responseOf(row, fields.rejected);
  if (!sameMessages(good.context, bad.context)) return contextsDiffer;
  const messages = good.context.length > 0 ? good.context : messagesField(row, fields.prompt ?? "prompt");
  return [{ messages, chosen: good.response, rejected: bad.response, ...notes }];
}

/** A text is a response; a conversation ends with one, and may be nothing but one. */
function responseOf(row: Record<string, unknown>, field: string): { context: Message[]; response: string } {
  const value = textOrMessages(row, field);
  return typeof value === "string" ? { context: [], response: value } : splitResponse(value, field);
}
