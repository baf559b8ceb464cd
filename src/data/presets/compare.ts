import type { Message } from "../../core/message.ts";
import type { PairDraft, RowPairs } from "./preset.ts";

/** What a source says about a pair besides its texts. */
export type PairNotes = Pick<PairDraft, "id" | "strength" | "domain" | "source">;

/** The pair of two responses by a signed preference: below 0 the first is better, above 0 the second; 0 is a tie. */
export function bySign(
  messages: Message[],
  [first, second]: readonly [string, string],
  preference: number,
  notes: PairNotes = {},
): RowPairs {
  if (preference === 0) return "tie";
  const [chosen, rejected] = preference < 0 ? [first, second] : [second, first];
  return [{ messages, chosen, rejected, ...notes }];
}

/**
 * Every pair of responses with different values, the higher one chosen; `width` is the largest difference there can be,
 * and strengths are differences over it. Responses without a value are in no pair.
 */
export function byValue(
  messages: Message[],
  responses: readonly { text: string; value: number | undefined }[],
  width: number,
  notes: PairNotes = {},
): RowPairs {
  const rated = responses.filter((one): one is { text: string; value: number } => one.value !== undefined);
  if (rated.length < 2) return "fewer than two rated responses";
  const pairs: PairDraft[] = [];
  for (const [index, one] of rated.entries())
    for (const other of rated.slice(index + 1)) {
      if (one.value === other.value) continue;
      const [better, worse] = one.value > other.value ? [one, other] : [other, one];
      const strength = Math.min(1, (better.value - worse.value) / width);
      pairs.push({ messages, chosen: better.text, rejected: worse.text, ...notes, strength });
    }
  return pairs.length === 0 ? "tie" : pairs;
}
