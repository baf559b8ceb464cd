import { type HashList, mix32 } from "./hash-list.ts";

const [highBase, lowBase] = [0x9e3779b1, 0x85ebca77];

/** Appends the hashes of all runs of `size` words, in order: each costs the same, however long the runs are. */
export function hashNgrams(words: HashList, size: number, into: HashList, from = 0, to = words.length): void {
  const count = to - from - size + 1;
  if (count <= 0) return;
  into.reserve(into.length + count);
  const [outHigh, outLow] = [power(highBase, size), power(lowBase, size)];
  const { high: highs, low: lows } = words;
  const { high: intoHighs, low: intoLows } = into;
  let at = into.length;
  let high = 0;
  let low = 0;
  for (let word = from; word < to; word++) {
    high = (Math.imul(high, highBase) + highs[word]!) | 0;
    low = (Math.imul(low, lowBase) + lows[word]!) | 0;
    const leaving = word - size;
    if (leaving >= from) {
      high = (high - Math.imul(highs[leaving]!, outHigh)) | 0;
      low = (low - Math.imul(lows[leaving]!, outLow)) | 0;
    }
    if (leaving >= from - 1) {
      intoHighs[at] = mix32(high);
      intoLows[at++] = mix32(low);
    }
  }
  into.length = at;
}

function power(base: number, exponent: number): number {
  let product = 1;
  for (let step = 0; step < exponent; step++) product = Math.imul(product, base);
  return product;
}
