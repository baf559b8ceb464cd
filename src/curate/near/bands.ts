import { mix32 } from "../text/hash-list.ts";
import { bins } from "./min-hash.ts";

/** How a signature is cut: two texts are candidates when all rows of one band are equal. */
export interface Banding {
  bands: number;
  rows: number;
}

/** The share of true pairs just at the threshold that may be missed. */
const missed = 1e-3;

/** The coarsest cut (fewest false candidates) by which a pair at the Jaccard threshold is a candidate with 99.9 %. */
export function bandingFor(threshold: number): Banding {
  for (let rows = bins; rows > 1; rows--) {
    const bands = Math.floor(bins / rows);
    if ((1 - threshold ** rows) ** bands <= missed) return { bands, rows };
  }
  return { bands: bins, rows: 1 };
}

/** A key of 32 bits for each band of a signature. */
export function bandKeys(signature: Uint32Array, { bands, rows }: Banding, into: Uint32Array, offset: number): void {
  for (let band = 0; band < bands; band++) {
    let key = 0;
    for (let row = 0; row < rows; row++) key = mix32(Math.imul(key, 31) + signature[band * rows + row]!);
    into[offset + band] = key;
  }
}
