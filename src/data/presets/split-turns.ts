import type { Message } from "../../core/message.ts";
import { RowFault } from "./preset.ts";

/** The mark of a turn in HelpSteer's prompts: `<extra_id_0>System`, `<extra_id_1>User` or `<extra_id_1>Assistant`. */
const turnMark = /\n?<extra_id_[01]>(System|User|Assistant)\n/g;

/** A prompt with marked turns as messages; what stands before the first mark is the user's. */
export function splitTurns(prompt: string, field: string): Message[] {
  if (!prompt.includes("<extra_id_")) return [{ role: "user", content: prompt }];
  const marks = [...prompt.matchAll(turnMark)];
  const messages: Message[] = [];
  const before = prompt.slice(0, marks[0]?.index);
  if (before.trim() !== "") messages.push({ role: "user", content: before });
  for (const [index, mark] of marks.entries()) {
    const content = prompt.slice(mark.index + mark[0].length, marks[index + 1]?.index);
    const isOpenTurn = index === marks.length - 1 && mark[1] === "Assistant" && content.trim() === "";
    if (!isOpenTurn) messages.push({ role: mark[1]!.toLowerCase() as Message["role"], content });
  }
  if (messages.length === 0) throw new RowFault(field, "expected a prompt, got turns without text");
  return messages;
}
