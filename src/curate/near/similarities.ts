import { RowAppender } from "../../data/duckdb/row-appender.ts";
import type { RowStore } from "../rows/row-store.ts";
import { type JaccardBatch, jaccardTask } from "../work/jaccard-task.ts";
import type { WorkPool } from "../work/open-pool.ts";
import type { NearOptions } from "./row-sketches.ts";

/** Two rows by their numbers. */
export type NumberPair = readonly [a: number, b: number];

/** True Jaccard similarities of pairs of rows, in the order of the pairs; the texts come from the database. */
export async function trueSimilarities(
  rows: RowStore,
  pool: WorkPool,
  pairs: readonly NumberPair[],
  { of, words }: Pick<NearOptions, "of" | "words">,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const similarities = new Float64Array(pairs.length);
  if (pairs.length === 0) return similarities;
  await rows.writer.run("CREATE OR REPLACE TEMP TABLE compared (place INTEGER, a INTEGER, b INTEGER)");
  const appender = await RowAppender.open(rows.writer, "compared");
  for (const [at, [a, b]] of pairs.entries()) appender.append([at, a, b]);
  appender.close();
  const texts = (table: string, suffix: string) =>
    (of === "prompt" ? ["messages"] : ["messages", "chosen", "rejected"])
      .map((column) => `${table}.${column} AS ${column}${suffix}`)
      .join(", ");
  const sql = `SELECT place, ${texts("x", "")}, ${texts("y", "2")} FROM compared JOIN rows x ON x.n = a JOIN rows y ON y.n = b`;
  const places: number[][] = [];
  const batches = async function* () {
    for await (const chunk of rows.stream(sql, rows.writer)) {
      places.push(chunk.place as number[]);
      const none = (chunk.place as number[]).map(() => "");
      yield { chosen: none, rejected: none, chosen2: none, rejected2: none, ...chunk } as unknown as JaccardBatch;
    }
  };
  for await (const { similarity } of pool.map(jaccardTask, { of, words }, batches(), signal)) {
    const at = places.shift()!;
    for (let index = 0; index < at.length; index++) similarities[at[index]!] = similarity[index]!;
  }
  await rows.writer.run("DROP TABLE compared");
  return similarities;
}
