import type { RowStore } from "../rows/row-store.ts";
import type { WorkPool } from "../work/open-pool.ts";
import { candidatesPerRow, findCandidates } from "./candidates.ts";
import { estimate, estimateSlack, type NearOptions, type RowSketches, sketchRows } from "./row-sketches.ts";
import { trueSimilarities } from "./similarities.ts";

/** Rows and the earlier row that each is nearly the same as; a leader is its own. Positions count the kept rows. */
export interface NearLeaders {
  /** Row numbers, ascending. */
  numbers: Int32Array;
  /** Position of the row's leader. */
  leaders: Int32Array;
  /** True similarity to the leader. */
  similarities: Float64Array;
}

const unresolved = -1;

/**
 * Goes through the kept rows in order: a row that is at least as similar as the threshold to an earlier leader follows it, any
 * other leads. Candidates come from MinHash signatures; that a row follows rests on its true Jaccard similarity to the leader
 * alone.
 */
export async function nearLeaders(
  rows: RowStore,
  pool: WorkPool,
  options: NearOptions,
  more: { signal?: AbortSignal; progress?: (done: number, total: number) => void } = {},
): Promise<NearLeaders> {
  const sketches = await sketchRows(rows, pool, options, more);
  const { numbers } = sketches;
  const candidates = findCandidates(sketches, options.threshold);
  const count = numbers.length;
  const leaders = new Int32Array(count).fill(unresolved);
  const similarities = new Float64Array(count);
  /** The candidate that is looked at, and its true similarity where it is known. */
  const place = new Uint8Array(count);
  const current = new Int32Array(count);
  const known = new Float64Array(count).fill(Number.NaN);
  for (let row = 0; row < count; row++) current[row] = candidates[row * candidatesPerRow]!;
  const open = () => Array.from({ length: count }, (_, row) => row).filter((row) => leaders[row] === unresolved);
  for (let left = open(); left.length > 0; left = left.filter((row) => leaders[row] === unresolved)) {
    const asked = left.filter((row) => current[row] !== -1 && Number.isNaN(known[row]));
    const pairs = {
      first: Int32Array.from(asked, (row) => numbers[current[row]!]!),
      second: Int32Array.from(asked, (row) => numbers[row]!),
    };
    const found = await trueSimilarities(rows, pool, pairs, options, more.signal);
    for (const [index, row] of asked.entries()) known[row] = found[index]!;
    for (const row of left) resolve(row);
  }
  return { numbers, leaders, similarities };

  /** Decides on a row as far as its candidates are known. */
  function resolve(row: number): void {
    while (leaders[row] === unresolved) {
      const candidate = current[row]!;
      if (candidate === -1) {
        leaders[row] = row;
        similarities[row] = 1;
        return;
      }
      if (Number.isNaN(known[row])) return;
      if (known[row]! < options.threshold) nextCandidate(row);
      else if (leaders[candidate] === candidate) {
        leaders[row] = candidate;
        similarities[row] = known[row]!;
      } else if (leaders[candidate] === unresolved) return;
      else follow(row, leaders[candidate]!, sketches);
    }
  }

  function nextCandidate(row: number): void {
    place[row]!++;
    current[row] = place[row]! < candidatesPerRow ? candidates[row * candidatesPerRow + place[row]!]! : -1;
    known[row] = Number.NaN;
  }

  /** The candidate follows another row: that one is asked for instead, unless it is plainly too different. */
  function follow(row: number, leader: number, of: RowSketches): void {
    if (estimate(of, leader, row) < options.threshold - estimateSlack) nextCandidate(row);
    else {
      current[row] = leader;
      known[row] = Number.NaN;
    }
  }
}
