import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** An item as `cerm rank` reads it. */
export interface RankItem {
  id: string;
  query: string;
  responses: { id: string; text: string }[];
}

/** Every pair of JudgeBench in the folder of shared data, as an item to rank; in the order of the files. */
export async function judgeBenchItems(sharedData: string): Promise<RankItem[]> {
  const folder = join(sharedData, "judgebench");
  const files = (await readdir(folder)).filter((name) => name.endsWith(".jsonl")).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  return texts
    .flatMap((text) => text.trimEnd().split("\n"))
    .map((line) => {
      const row = JSON.parse(line) as Record<"pair_id" | "question" | "response_A" | "response_B", string>;
      const responses = [
        { id: "A", text: row.response_A },
        { id: "B", text: row.response_B },
      ];
      return { id: row.pair_id, query: row.question, responses };
    });
}

/** The shortest of the items, shortest first: what a small model on a processor judges in a few minutes. */
export function shortest(items: RankItem[], count: number): RankItem[] {
  const length = ({ query, responses }: RankItem) =>
    responses.reduce((sum, { text }) => sum + text.length, query.length);
  return items.toSorted((a, b) => length(a) - length(b)).slice(0, count);
}
