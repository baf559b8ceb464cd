import { z } from "zod";
import type { Message } from "../../core/message.ts";

/** A conversation to learn from. */
export interface SftConversation {
  id: string;
  messages: Message[];
  /** Assistant turns that are trained on, counted from 1 (of a judge: 1 criteria, 2 evaluation), ascending. */
  train: number[];
}

const message = z.strictObject({ role: z.enum(["system", "user", "assistant"]), content: z.string() });

/** A line of a conversations file: `{"id", "messages", "train"?}`. Without `train`, all assistant turns. */
export const conversationSchema = z
  .object({
    id: z.string().min(1),
    messages: z.array(message).min(2),
    train: z.array(z.int().positive()).min(1).optional(),
  })
  .transform(({ id, messages, train }, context): SftConversation => {
    const turns = messages.filter(({ role }) => role === "assistant").length;
    const fault = (path: string, text: string) => {
      context.addIssue({ code: "custom", path: [path], message: text });
      return z.NEVER;
    };
    if (turns === 0) return fault("messages", "has no message of the assistant, so there is nothing to learn");
    if (messages.at(-1)!.role !== "assistant")
      return fault(
        "messages",
        "ends with another message than the assistant's, which nothing follows from: leave it out",
      );
    const empty = messages.findIndex(({ role, content }) => role === "assistant" && content.trim() === "");
    if (empty !== -1) return fault("messages", `message ${empty} of the assistant is empty`);
    const late = train?.find((turn) => turn > turns);
    if (late !== undefined) return fault("train", `names assistant turn ${late}, and there are ${turns}`);
    const chosen = train ?? Array.from({ length: turns }, (_, index) => index + 1);
    return { id, messages, train: [...new Set(chosen)].sort((a, b) => a - b) };
  });
