import { radixOrder } from "./radix-order.ts";
import { estimate, estimateSlack, type RowSketches } from "./row-sketches.ts";

/** Earlier rows that a row is compared with in truth. The first is nearly always enough. */
export const candidatesPerRow = 4;

/** Earlier rows of a bucket that a row is compared with by estimate; the row has many buckets. */
const lookBack = 512;

/** Calls back with the rows of every bucket of two or more, ascending: positions `order[from]` to `order[to - 1]`. */
export function forEachBucket(
  { bands, filled }: RowSketches,
  visit: (order: Uint32Array, from: number, to: number) => void,
): void {
  for (const keys of bands) {
    const order = radixOrder(keys).filter((position) => filled[position] === 1);
    for (let from = 0; from < order.length; ) {
      let to = from + 1;
      while (to < order.length && keys[order[to]!] === keys[order[from]!]) to++;
      if (to - from > 1) visit(order, from, to);
      from = to;
    }
  }
}

/**
 * For every row up to four earlier ones that share a bucket with it and are similar by estimate, as positions, -1 where there is none:
 * [row][candidate].
 */
export function findCandidates(sketches: RowSketches, threshold: number): Int32Array {
  const found = new Int32Array(sketches.numbers.length * candidatesPerRow).fill(-1);
  const least = threshold - estimateSlack;
  forEachBucket(sketches, (order, from, to) => {
    for (let at = from + 1; at < to; at++) {
      const row = order[at]!;
      const end = Math.min(at, from + lookBack);
      for (let earlier = from; earlier < end; earlier++) {
        const place = placeFor(found, row, order[earlier]!);
        if (place === "full") break;
        // One that is known already is as good as a new one.
        if (place === "known") break;
        if (estimate(sketches, order[earlier]!, row) < least) continue;
        found[place] = order[earlier]!;
        break;
      }
    }
  });
  return found;
}

function placeFor(found: Int32Array, row: number, candidate: number): number | "full" | "known" {
  for (let place = row * candidatesPerRow; place < (row + 1) * candidatesPerRow; place++) {
    if (found[place] === candidate) return "known";
    if (found[place] === -1) return place;
  }
  return "full";
}
