import { type HashList, mix32 } from "./hash-list.ts";

const lowerCase = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  return /[a-z0-9]/.test(character) ? code : /[A-Z]/.test(character) ? code + 32 : 0;
});

/**
 * Appends the hashes of a text's words as `normaliseText` has them, in order. In scripts written without spaces every
 * character counts as a word, so that runs of words mean as much there.
 */
export function hashWords(text: string, into: HashList): void {
  const { length } = text;
  // Between two words stands a gap of at least one character.
  into.reserve(into.length + (length >> 1) + 1);
  const { high: highs, low: lows } = into;
  let count = into.length;
  let high = highSeed;
  let low = lowSeed;
  let inside = false;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code > 127) {
      hashUnicodeWords(text, into);
      return;
    }
    const lower = lowerCase[code]!;
    if (lower !== 0) {
      high = Math.imul(high ^ lower, 0x01000193);
      low = Math.imul(low ^ lower, 0x5bd1e995);
      low ^= low >>> 13;
      inside = true;
    } else if (inside) {
      highs[count] = mix32(high);
      lows[count++] = mix32(low);
      high = highSeed;
      low = lowSeed;
      inside = false;
    }
  }
  if (inside) {
    highs[count] = mix32(high);
    lows[count++] = mix32(low);
  }
  into.length = count;
}

const [highSeed, lowSeed] = [0x811c9dc5, 0x1b873593];

function hashUnicodeWords(text: string, into: HashList): void {
  const lower = text.normalize("NFKC").toLowerCase();
  let high = highSeed;
  let low = lowSeed;
  let inside = false;
  const end = () => {
    if (inside) into.push(mix32(high), mix32(low));
    high = highSeed;
    low = lowSeed;
    inside = false;
  };
  for (let at = 0; at < lower.length; at++) {
    const code = lower.codePointAt(at)!;
    if (code > 0xffff) at++;
    const kind = kindOf(code);
    if (kind !== "word") end();
    if (kind === "gap") continue;
    high = Math.imul(high ^ code, 0x01000193);
    low = Math.imul(low ^ code, 0x5bd1e995);
    low ^= low >>> 13;
    inside = true;
    if (kind === "alone") end();
  }
  end();
}

type Kind = "gap" | "word" | "alone";

const kinds = new Map<number, Kind>();
const alone = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]/u;

function kindOf(code: number): Kind {
  const known = kinds.get(code);
  if (known !== undefined) return known;
  const character = String.fromCodePoint(code);
  const kind = !/[\p{L}\p{N}]/u.test(character) ? "gap" : alone.test(character) ? "alone" : "word";
  kinds.set(code, kind);
  return kind;
}
