import { hash } from "node:crypto";
import type { LabelledItem } from "./benchmark.ts";
import { groupBy } from "./build-result.ts";

export type SampleCandidate = Pick<LabelledItem, "key" | "subset" | "cluster">;

/**
 * Keys of a random sample of at most `limit` items that holds the subsets in their proportions: places go by largest
 * remainder (then by the subset's name), and within a subset to the items whose seeded hash is smallest. The same items,
 * in whatever order, give the same sample. Items of a cluster come together or not at all; where one does not fit in the
 * places left, smaller ones follow, so the sample can be smaller than `limit`.
 */
export function stratifiedSample(items: readonly SampleCandidate[], limit: number, seed: number): Set<string> {
  const strata = [...groupBy(items, ({ subset }) => subset)].sort(([a], [b]) => (a < b ? -1 : 1));
  const places = allocate(
    strata.map(([, members]) => members.length),
    limit,
  );
  const chosen = new Set<string>();
  for (const [index, [, members]] of strata.entries()) {
    let left = places[index]!;
    const clusters = [
      ...groupBy(members, ({ key, cluster }) => (cluster === undefined ? `item ${key}` : `cluster ${cluster}`)),
    ];
    const drawn = clusters
      .map(([name, own]) => ({ own, order: hash("sha256", `${seed}\n${name}`) }))
      .sort((a, b) => (a.order < b.order ? -1 : 1));
    for (const { own } of drawn) {
      if (own.length > left) continue;
      for (const { key } of own) chosen.add(key);
      left -= own.length;
      if (left === 0) break;
    }
  }
  return chosen;
}

/** Places for groups of these sizes by largest remainder; never more than a group has. */
export function allocate(sizes: readonly number[], places: number): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (places >= total) return [...sizes];
  const shares = sizes.map((size) => (size * places) / total);
  const given = shares.map(Math.floor);
  const left = places - given.reduce((sum, count) => sum + count, 0);
  const byRemainder = shares
    .map((share, index) => ({ index, remainder: share - Math.floor(share) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of byRemainder.slice(0, left)) given[index]!++;
  return given;
}
