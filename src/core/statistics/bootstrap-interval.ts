import { sampleDeviation } from "./mean.ts";
import { normalCdf, normalQuantile } from "./normal.ts";
import { sortedQuantile } from "./quantile.ts";

/** A number with its bootstrap interval, all in the unit of the number. */
export interface Interval {
  estimate: number;
  low: number;
  high: number;
  /** Share of such intervals that hold the true number, e.g. 0.95. */
  level: number;
  /** Standard deviation of the number over resamples. */
  standardError: number;
  /** Resamples in which the number was defined. */
  resamples: number;
}

/**
 * The interval of an estimate from its values in resamples, by the percentile method; with the jackknife's values, by
 * BCa (Efron 1987: bias corrected and accelerated). It is widened where it would not hold the estimate. `null` without
 * two resamples.
 */
export function intervalOf(
  estimate: number,
  replicates: ArrayLike<number>,
  level: number,
  jackknife?: number[],
): Interval | null {
  const standardError = sampleDeviation(replicates);
  if (standardError === null) return null;
  const ascending = Float64Array.from(replicates).sort();
  let shares: [number, number] = [(1 - level) / 2, (1 + level) / 2];
  if (jackknife !== undefined) shares = bcaShares(estimate, ascending, shares, acceleration(jackknife));
  return {
    estimate,
    low: Math.min(estimate, sortedQuantile(ascending, shares[0])!),
    high: Math.max(estimate, sortedQuantile(ascending, shares[1])!),
    level,
    standardError,
    resamples: ascending.length,
  };
}

/** The shares at which BCa reads the sorted replicates. */
function bcaShares(
  estimate: number,
  ascending: Float64Array,
  nominal: [number, number],
  acceleration: number,
): [number, number] {
  // Equal values count half, so that a symmetric statistic on a lattice is not taken for biased.
  let below = 0;
  for (const value of ascending) below += value < estimate ? 1 : value === estimate ? 0.5 : 0;
  const edge = 0.5 / ascending.length;
  const bias = normalQuantile(Math.min(1 - edge, Math.max(edge, below / ascending.length)));
  const corrected = nominal.map((share) => {
    const z = bias + normalQuantile(share);
    const stretch = 1 - acceleration * z;
    if (stretch <= 0) return z > 0 ? 1 : 0;
    return normalCdf(bias + z / stretch);
  });
  return [corrected[0]!, corrected[1]!];
}

/** BCa's acceleration: a sixth of the skewness of the estimate, from leave-one-out values. */
function acceleration(jackknife: number[]): number {
  const centre = jackknife.reduce((sum, value) => sum + value, 0) / jackknife.length;
  let squares = 0;
  let cubes = 0;
  for (const value of jackknife) {
    squares += (centre - value) ** 2;
    cubes += (centre - value) ** 3;
  }
  return squares > 0 ? cubes / (6 * squares ** 1.5) : 0;
}
