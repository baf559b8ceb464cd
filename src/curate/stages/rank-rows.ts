import { deriveSeed } from "../../core/random.ts";
import type { RowStore } from "../rows/row-store.ts";

/**
 * Orders rows by how much they are wanted: by the preference that an earlier stage gave them (higher first, rows without
 * one count as 0), then in a seeded random order that is the same for a row whatever other rows there are.
 */
export async function rankRows(rows: RowStore, seed: number): Promise<(a: number, b: number) => number> {
  const preferences = new Map<number, number>();
  for await (const { n, preference } of rows.stream("SELECT n, preference FROM preferences", rows.writer))
    for (const [at, row] of (n as number[]).entries()) preferences.set(row, preference![at] as number);
  return (a, b) =>
    (preferences.get(b) ?? 0) - (preferences.get(a) ?? 0) || deriveSeed(seed, a) - deriveSeed(seed, b) || a - b;
}
