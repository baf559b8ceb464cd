import { type HashList, mix32 } from "./hash-list.ts";

const [highBase, lowBase] = [0x9e3779b1, 0x85ebca77];

/** Appends the hashes of all runs of `size` words, in order: each costs the same, however long the runs are. */
export function hashNgrams(words: HashList, size: number, into: HashList, from = 0, to = words.length): void {
  const count = to - from - size + 1;
  if (count <= 0) return;
  into.reserve(into.length + count);
  const [outHigh, outLow] = [power(highBase, size), power(lowBase, size)];
  let [high, low] = [0, 0];
  for (let at = from; at < to; at++) {
    high = (Math.imul(high, highBase) + words.high[at]!) | 0;
    low = (Math.imul(low, lowBase) + words.low[at]!) | 0;
    const leaving = at - size;
    if (leaving >= from) {
      high = (high - Math.imul(words.high[leaving]!, outHigh)) | 0;
      low = (low - Math.imul(words.low[leaving]!, outLow)) | 0;
    }
    if (leaving >= from - 1) {
      into.high[into.length] = mix32(high);
      into.low[into.length++] = mix32(low);
    }
  }
}

function power(base: number, exponent: number): number {
  let product = 1;
  for (let step = 0; step < exponent; step++) product = Math.imul(product, base);
  return product;
}
