import type { Message } from "../core/message.ts";

/**
 * A dialogue whose turns are opened by a blank line and `Human:` or `Assistant:`, cut before the last `Assistant:`: the
 * messages up to there and the trimmed answer. Turns of one speaker in a row are one message. `undefined` where it is no
 * such dialogue.
 */
export function splitDialogue(text: string): { context: Message[]; answer: string } | undefined {
  const turns = [...text.matchAll(/(?:^|\n\n)(Human|Assistant):/g)];
  const last = turns.findLastIndex((turn) => turn[1] === "Assistant");
  if (last < 1 || turns[0]!.index !== 0) return undefined;
  const context: Message[] = [];
  for (const [index, turn] of turns.slice(0, last).entries()) {
    const role = turn[1] === "Human" ? "user" : "assistant";
    const content = text.slice(turn.index + turn[0].length, turns[index + 1]!.index).trim();
    const previous = context.at(-1);
    if (previous?.role === role) previous.content += `\n\n${content}`;
    else context.push({ role, content });
  }
  const cut = turns[last]!;
  return { context, answer: text.slice(cut.index + cut[0].length).trim() };
}
