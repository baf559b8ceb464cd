import { stableHash } from "../../core/hash.ts";
import type { Query } from "../../core/query.ts";
import type { BenchItem, ItemScores, ScoredItem } from "../benchmark.ts";

/** A scored item whose query is known: items with equal keys were asked the same. */
export interface AskedItem extends ScoredItem {
  /** Without it, the item counts as the only one of its query. */
  queryKey?: string;
}

/** A scored item with all that analysis needs of its texts, so that these need not be kept. */
export interface MeasuredItem extends AskedItem {
  queryKey: string;
  /** Lengths of the responses in Unicode code points, in their order. */
  lengths: number[];
}

/** Takes what analysis needs from an item, and leaves its texts behind. */
export function measureItem(item: BenchItem, scores: ItemScores): MeasuredItem {
  const { query, responses, ...labelled } = item;
  return { item: labelled, scores, queryKey: queryKey(query), lengths: responses.map(({ text }) => codePoints(text)) };
}

/** Equal for queries with the same messages. */
export function queryKey(query: Query): string {
  return stableHash(query.messages.map(({ role, content }) => [role, content]));
}

/** Length of a text in Unicode code points. */
export function codePoints(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    // The second half of a surrogate pair belongs to the code point before it.
    const unit = text.charCodeAt(index);
    if (unit >= 0xd800 && unit <= 0xdbff) {
      const next = text.charCodeAt(index + 1);
      if (next >= 0xdc00 && next <= 0xdfff) index++;
    }
    count++;
  }
  return count;
}
