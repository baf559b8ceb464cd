/**
 * The names in the order in which a key prefers them (highest random weight; Thaler and Ravishankar 1998). A name that
 * comes or goes moves only the keys that prefer it.
 */
export function rankReplicas(key: string, names: readonly string[]): number[] {
  const weights = names.map((name) => mix(hashInto(hashInto(0x811c9dc5, key), `\n${name}`)));
  return names.map((_, index) => index).sort((a, b) => weights[b]! - weights[a]! || a - b);
}

/** FNV-1a, 32 bits, continued from `hash`. */
function hashInto(hash: number, text: string): number {
  let result = hash;
  for (let at = 0; at < text.length; at++) result = Math.imul(result ^ text.charCodeAt(at), 0x01000193);
  return result;
}

/** FNV's high bits hardly depend on the last characters, in which names differ; this spreads them (MurmurHash3's end). */
function mix(hash: number): number {
  let result = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  result = Math.imul(result ^ (result >>> 13), 0xc2b2ae35);
  return (result ^ (result >>> 16)) >>> 0;
}
