import { type HashList, mix32 } from "../text/hash-list.ts";

/** Bins of a signature. A power of two; `binShift` picks a bin by a hash's first bits. */
export const bins = 128;
const binShift = 25;
const empty = 0xffffffff;

/** The smallest hash of each bin, so far: `clearBins` at first. */
export type Bins = Uint32Array;

/** Empties bins. */
export function clearBins(into: Bins): void {
  into.fill(empty);
}

/** Puts hashes into their bins, each of which keeps the smallest: a hash costs one comparison. */
export function fillBins(hashes: HashList, into: Bins): void {
  const { high, low, length } = hashes;
  for (let at = 0; at < length; at++) {
    const bin = high[at]! >>> binShift;
    const value = low[at]!;
    if (value < into[bin]!) into[bin] = value;
  }
}

/**
 * Makes a signature of bins by one-permutation hashing: an empty bin takes the value of another that a fixed hash picks
 * (optimal densification, Shrivastava, "Optimal Densification for Fast and Accurate Minwise Hashing", 2017). The share of
 * equal bins estimates the Jaccard similarity of two sets, with a standard deviation of at most 0.044. Only the first `wanted` bins are filled. Returns false, and no signature,
 * for the empty set.
 */
export function finishSignature(signature: Bins, wanted = bins): boolean {
  let count = 0;
  for (let bin = 0; bin < bins; bin++) count += filled[bin] = signature[bin] === empty ? 0 : 1;
  if (count === 0) return false;
  if (count === bins) return true;
  for (let bin = 0; bin < wanted; bin++) {
    if (filled[bin] === 1) continue;
    let attempt = 0;
    while (filled[donor(bin, attempt)] === 0) attempt++;
    signature[bin] = signature[donor(bin, attempt)]!;
  }
  return true;
}

/** The signature of a set of hashes, or false for the empty set. */
export function minHash(hashes: HashList, into: Bins): boolean {
  clearBins(into);
  fillBins(hashes, into);
  return finishSignature(into);
}

const filled = new Uint8Array(bins);

/** The first bins that each bin would borrow from, [bin][attempt]. */
const attempts = 128;
const donors = Uint8Array.from({ length: bins * attempts }, (_, at) =>
  drawDonor(Math.floor(at / attempts), at % attempts),
);

function donor(bin: number, attempt: number): number {
  return attempt < attempts ? donors[bin * attempts + attempt]! : drawDonor(bin, attempt);
}

function drawDonor(bin: number, attempt: number): number {
  return mix32(Math.imul(bin + 1, 0x9e3779b1) + attempt) >>> binShift;
}
