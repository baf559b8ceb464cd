import type { HashList } from "./hash-list.ts";

/** Size of the intersection over size of the union of two sets of hashes; repetitions count once. 0 of nothing. */
export function jaccard(a: HashList, b: HashList): number {
  const left = setOf(a);
  const right = setOf(b);
  let shared = 0;
  for (const hash of left.size < right.size ? left : right)
    if ((left.size < right.size ? right : left).has(hash)) shared++;
  const union = left.size + right.size - shared;
  return union === 0 ? 0 : shared / union;
}

/** 53 of the 64 bits, which a number can hold. */
function setOf(hashes: HashList): Set<number> {
  const set = new Set<number>();
  for (let at = 0; at < hashes.length; at++) set.add(hashes.high[at]! * 0x200000 + (hashes.low[at]! >>> 11));
  return set;
}
