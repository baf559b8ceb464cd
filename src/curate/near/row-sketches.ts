import type { RowStore } from "../rows/row-store.ts";
import type { WorkPool } from "../work/open-pool.ts";
import { sketchTask } from "../work/sketch-task.ts";
import { bandingFor } from "./bands.ts";
import { bins } from "./min-hash.ts";
import type { Compared } from "./pair-texts.ts";

export interface NearOptions {
  of: Compared;
  /** Words of a shingle. */
  words: number;
  /** Smallest Jaccard similarity of two rows that are nearly the same. */
  threshold: number;
}

/** Signatures of the rows that are kept, some 230 bytes a row. Positions count these rows. */
export interface RowSketches {
  /** Row numbers, ascending. */
  numbers: Int32Array;
  /** Of every band, the rows' keys. */
  bands: Uint32Array[];
  bytes: Uint8Array;
  /** How many parts of a row are compared. */
  parts: number;
  filled: Uint8Array;
}

/** Makes the signatures of the rows that are kept. */
export async function sketchRows(
  rows: RowStore,
  pool: WorkPool,
  { of, words, threshold }: NearOptions,
  options: { signal?: AbortSignal; progress?: (done: number, total: number) => void } = {},
): Promise<RowSketches> {
  const total = await rows.count();
  const banding = bandingFor(threshold);
  const numbers = new Int32Array(total);
  const bands = Array.from({ length: banding.bands }, () => new Uint32Array(total));
  const [bytes, filled] = [new Uint8Array(total * bins), new Uint8Array(total)];
  let read = 0;
  const batches = async function* () {
    for await (const batch of rows.batches()) {
      numbers.set(batch.n, read);
      read += batch.n.length;
      yield batch;
    }
  };
  let at = 0;
  const given = { texts: await rows.texts(), signal: options.signal };
  for await (const made of pool.map(sketchTask, { of, words, ...banding }, batches(), given)) {
    bytes.set(made.bytes, at * bins);
    filled.set(made.filled, at);
    for (let row = 0; row < made.filled.length; row++)
      for (const [band, keys] of bands.entries()) keys[at + row] = made.keys[row * banding.bands + band]!;
    at += made.filled.length;
    options.progress?.(at, total);
  }
  return { numbers, bands, bytes, parts: of === "prompt" ? 1 : 2, filled };
}

/** Estimated Jaccard similarity of two rows by their positions; of several parts the smallest. */
export function estimate({ bytes, parts }: RowSketches, a: number, b: number): number {
  const share = bins / parts;
  let least = 1;
  for (let from = 0; from < bins; from += share) {
    let equal = 0;
    const [left, right] = [a * bins + from, b * bins + from];
    for (let bin = 0; bin < share; bin++) if (bytes[left + bin] === bytes[right + bin]) equal++;
    // Of bins that differ, one in 256 has equal bytes.
    least = Math.min(least, (equal / share - 1 / 256) / (1 - 1 / 256));
  }
  return Math.max(0, least);
}

/** How far below the truth an estimate may well be: three standard deviations. */
export const estimateSlack = 0.15;
