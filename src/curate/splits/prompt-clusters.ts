import { forEachBucket } from "../near/candidates.ts";
import { estimate, sketchRows } from "../near/row-sketches.ts";
import type { Recipe } from "../recipe/recipe.ts";
import { KeyIndex } from "../rows/key-index.ts";
import type { RowStore } from "../rows/row-store.ts";
import type { WorkPool } from "../work/open-pool.ts";
import { openingKeyTask } from "../work/opening-key-task.ts";

/** By how much an estimate may be too low for two rows to be put together all the same. */
const slack = 0.1;

/**
 * Clusters of the kept rows: whose prompts are similar, or begin with the same message of the user, and whatever is linked
 * through others. Rows are put together by estimate with room to spare, since together is the safe side. A cluster is
 * called by the position of its first row.
 */
export async function promptClusters(parts: {
  rows: RowStore;
  pool: WorkPool;
  splits: Pick<Recipe["splits"], "similarity">;
  signal?: AbortSignal;
}): Promise<{ numbers: Int32Array; clusters: Int32Array }> {
  const { rows, pool, splits, signal } = parts;
  const near = { of: "prompt", words: 3, threshold: splits.similarity } as const;
  const sketches = await sketchRows(rows, pool, near, { signal });
  const { numbers } = sketches;
  const parent = Int32Array.from(numbers, (_, index) => index);
  const root = (row: number): number => {
    let at = row;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  const unite = (a: number, b: number) => {
    const [left, right] = [root(a), root(b)];
    // The smaller one leads, whatever the order.
    parent[Math.max(left, right)] = Math.min(left, right);
  };
  forEachBucket(sketches, (order, from, to) => {
    for (let at = from + 1; at < to; at++)
      // Of a bucket that is huge, the rows next to each other; the row is in many buckets.
      for (let earlier = Math.max(from, at - lookBack); earlier < at; earlier++) {
        const [a, b] = [order[earlier]!, order[at]!];
        if (root(a) !== root(b) && estimate(sketches, a, b) >= splits.similarity - slack) unite(a, b);
      }
  });
  const openings = new KeyIndex(numbers.length);
  let row = 0;
  const options = { texts: await rows.texts(), signal };
  for await (const { keys, words } of pool.map(openingKeyTask, null, rows.batches(), options))
    for (let at = 0; at < words.length; at++, row++)
      // Rows that begin with a greeting are not about the same.
      if (words[at]! >= fewestWords) unite(row, openings.add(keys[2 * at]!, keys[2 * at + 1]!, row));
  return { numbers, clusters: parent.map((_, at) => root(at)) };
}

/** Rows of a bucket that a row is compared with. */
const lookBack = 4096;

/** Shorter first messages do not say what a conversation is about. */
const fewestWords = 4;
