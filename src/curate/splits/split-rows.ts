import { RowAppender } from "../../data/duckdb/row-appender.ts";
import type { Recipe } from "../recipe/recipe.ts";
import type { RowStore } from "../rows/row-store.ts";
import { mix32 } from "../text/hash-list.ts";
import type { WorkPool } from "../work/open-pool.ts";
import { promptClusters } from "./prompt-clusters.ts";

export const splitNames = ["train", "held-out", "test"] as const;
export type SplitName = (typeof splitNames)[number];

/**
 * Gives every kept row a split, whole clusters of nearly the same prompts at a time, in a seeded order: test and held-out
 * take clusters as long as they fit in their share.
 */
export async function splitRows(parts: {
  rows: RowStore;
  pool: WorkPool;
  seed: number;
  splits: Recipe["splits"];
  note: (note: string) => void;
  signal?: AbortSignal;
}): Promise<void> {
  const { rows, seed, splits, note } = parts;
  const appender = await RowAppender.open(rows.writer, "splits");
  if (splits.test === 0 && splits.heldOut === 0) {
    for await (const { n } of rows.scan([])) for (const number of n) appender.append([number, "train", null]);
    appender.close();
    return;
  }
  const { numbers, clusters } = await promptClusters(parts);
  const sizes = new Map<number, number>();
  for (const cluster of clusters) sizes.set(cluster, (sizes.get(cluster) ?? 0) + 1);
  const order = [...sizes.keys()].sort((a, b) => mix32(a ^ seed) - mix32(b ^ seed) || a - b);
  const split = new Map<number, SplitName>();
  const take = (name: SplitName, share: number) => {
    let left = Math.round(share * numbers.length);
    for (const cluster of order) {
      const size = sizes.get(cluster)!;
      if (split.has(cluster) || size > left) continue;
      split.set(cluster, name);
      left -= size;
    }
  };
  take("test", splits.test);
  take("held-out", splits.heldOut);
  for (let at = 0; at < numbers.length; at++)
    appender.append([numbers[at]!, split.get(clusters[at]!) ?? "train", clusters[at]!]);
  appender.close();
  const largest = [...sizes.values()].reduce((most, size) => Math.max(most, size), 0);
  note(`${sizes.size} clusters of nearly the same prompts, the largest of ${largest} rows`);
}
