import type { ItemScores } from "./benchmark.ts";

/**
 * Expected quality of the response with the highest score among k of n drawn without replacement, for k = 1 ... maxK
 * (index 0 is k = 1). Exact: a group of equal scores on ranks a ... b holds the pick with probability
 * (C(n-a+1, k) - C(n-b, k)) / C(n, k), spread evenly over its members. Unscored responses are one group below all others.
 */
export function bestOfKCurve(scores: ItemScores, quality: readonly number[], maxK = scores.length): number[] {
  const n = scores.length;
  const key = (index: number) => scores[index] ?? Number.NEGATIVE_INFINITY;
  const ranked = scores.map((_, index) => index).sort((a, b) => (key(a) === key(b) ? 0 : key(b) - key(a)));
  const curve = Array<number>(Math.min(maxK, n)).fill(0);
  for (let start = 0; start < n; ) {
    let end = start;
    let sum = 0;
    while (end < n && key(ranked[end]!) === key(ranked[start]!)) sum += quality[ranked[end++]!]!;
    const average = sum / (end - start);
    if (average !== 0) {
      const from = allAmong(n, n - start);
      const to = allAmong(n, n - end);
      for (let k = 1; k <= curve.length; k++) curve[k - 1]! += (from[k]! - to[k]!) * average;
    }
    start = end;
  }
  return curve;
}

/** Expected quality of the pick among `k`; see `bestOfKCurve`. */
export function expectedBestOfK(scores: ItemScores, quality: readonly number[], k: number): number {
  return bestOfKCurve(scores, quality, k)[k - 1]!;
}

/**
 * C(m, k) / C(n, k) for k = 0 ... n: the probability that k drawn of n all lie among a given m of them. Kept, since
 * every item of a benchmark asks for the same ones.
 */
export function allAmong(n: number, m: number): Float64Array {
  const key = n * 65536 + m;
  let row = rows.get(key);
  if (row === undefined) {
    row = new Float64Array(n + 1);
    row[0] = 1;
    for (let k = 1; k <= Math.min(m, n); k++) row[k] = (row[k - 1]! * (m - k + 1)) / (n - k + 1);
    if (n <= 256) rows.set(key, row);
  }
  return row;
}

const rows = new Map<number, Float64Array>();
