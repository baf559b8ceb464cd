import { mix32 } from "./hash-list.ts";

/** A key of 64 bits of a text as it stands. */
export function keyOfText(text: string): [high: number, low: number] {
  let high = 0x811c9dc5;
  let low = 0x1b873593;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 0x01000193);
    low = Math.imul(low ^ code, 0x5bd1e995);
    low ^= low >>> 13;
  }
  return [mix32(high), mix32(low)];
}
