import { type HashList, mix32 } from "./hash-list.ts";

/** One key of a sequence of words. */
export function keyOfWords(words: HashList): [high: number, low: number] {
  let high = words.length;
  let low = ~words.length;
  for (let word = 0; word < words.length; word++) {
    high = mix32(Math.imul(high, 31) + words.high[word]!);
    low = mix32(Math.imul(low, 37) + words.low[word]!);
  }
  return [high >>> 0, low >>> 0];
}
