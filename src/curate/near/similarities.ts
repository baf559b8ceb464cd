import type { RowStore } from "../rows/row-store.ts";
import { jaccardTask } from "../work/jaccard-task.ts";
import type { WorkPool } from "../work/open-pool.ts";
import type { NearOptions } from "./row-sketches.ts";

/** Pairs that a thread compares at once. */
const batchPairs = 256;

/** True Jaccard similarities of pairs of rows, given by their numbers, in the order of the pairs. */
export async function trueSimilarities(
  rows: RowStore,
  pool: WorkPool,
  pairs: { first: Int32Array; second: Int32Array },
  { of, words }: Pick<NearOptions, "of" | "words">,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const { first, second } = pairs;
  const similarities = new Float64Array(first.length);
  const batches = function* () {
    for (let from = 0; from < first.length; from += batchPairs)
      yield { n: first.slice(from, from + batchPairs), n2: second.slice(from, from + batchPairs) };
  };
  let done = 0;
  for await (const { similarity } of pool.map(jaccardTask, { of, words }, batches(), {
    texts: await rows.texts(),
    signal,
  })) {
    similarities.set(similarity, done);
    done += similarity.length;
  }
  return similarities;
}
