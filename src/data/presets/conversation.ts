import type { Message } from "../../core/message.ts";
import { messagesField } from "./fields.ts";
import { RowFault } from "./preset.ts";

/** A conversation cut before its last message, the response. Throws `RowFault` where the assistant does not end it. */
export function splitResponse(messages: Message[], field: string): { context: Message[]; response: string } {
  const last = messages.at(-1);
  if (last?.role !== "assistant")
    throw new RowFault(field, `expected a conversation that ends with the assistant, got ${last?.role} last`);
  return { context: messages.slice(0, -1), response: last.content };
}

/** Why two conversations are no pair: their last responses answer different things. */
export const contextsDiffer = "the two conversations differ before the last response";

/** A field with a whole conversation, cut before its response. */
export function responseField(row: Record<string, unknown>, field: string): { context: Message[]; response: string } {
  return splitResponse(messagesField(row, field), field);
}

/** Whether two conversations say the same. */
export function sameMessages(one: Message[], other: Message[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ role, content }, index) => role === other[index]!.role && content === other[index]!.content)
  );
}
