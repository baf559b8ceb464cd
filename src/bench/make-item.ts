import type { Message } from "../core/message.ts";
import { type Query, queryFromText } from "../core/query.ts";
import type { BenchRow } from "./bench-rows.ts";
import type { BenchItem } from "./benchmark.ts";

/** An item of the parts every benchmark has. */
export function makeItem(
  row: Pick<BenchRow, "key">,
  parts: Omit<BenchItem, "key" | "query" | "responses"> & { query: string | Message[]; responses: string[] },
): BenchItem {
  const { query, responses, ...rest } = parts;
  return {
    key: row.key,
    ...rest,
    query: toQuery(query),
    responses: responses.map((text, index) => ({ id: String(index), text })),
  };
}

function toQuery(query: string | Message[]): Query {
  return typeof query === "string" ? queryFromText(query) : { messages: query };
}

/** Quality and pairs of `correct` good responses that stand before `wrong` bad ones. */
export function correctFirst(correct: number, wrong: number): Pick<BenchItem, "quality" | "pairs"> {
  const pairs: BenchItem["pairs"] = [];
  for (let good = 0; good < correct; good++) for (let bad = 0; bad < wrong; bad++) pairs.push([good, correct + bad]);
  return { quality: [...Array<number>(correct).fill(1), ...Array<number>(wrong).fill(0)], pairs };
}
