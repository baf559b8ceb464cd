import { InputError } from "../../core/errors.ts";
import { readRows } from "../../data/read-rows.ts";
import { conversationSchema, type SftConversation } from "./conversation.ts";

/**
 * The conversations of a file (JSON Lines, JSON or Parquet, gzip or not), in its order. Other members of a line are not
 * looked at. Throws `InputError` with file, line and field for the first faulty line, for an id that is there twice, and
 * for a file without any.
 */
export async function readConversations(
  file: string,
  options: { signal?: AbortSignal } = {},
): Promise<SftConversation[]> {
  const conversations: SftConversation[] = [];
  const lines = new Map<string, number>();
  for await (const row of readRows(file, { signal: options.signal })) {
    if (!row.ok) throw row.error;
    const { line, row: number } = row.where;
    const parsed = conversationSchema.safeParse(row.value, { reportInput: false });
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0]!;
      throw new InputError(message, { file, line, field: path.join(".") || undefined });
    }
    const first = lines.get(parsed.data.id);
    if (first !== undefined)
      throw new InputError(`the id ${JSON.stringify(parsed.data.id)} is also that of line ${first}`, {
        ...{ file, line, field: "id" },
      });
    lines.set(parsed.data.id, line ?? number);
    conversations.push(parsed.data);
  }
  if (conversations.length === 0) throw new InputError("holds no conversation", { file });
  return conversations;
}
