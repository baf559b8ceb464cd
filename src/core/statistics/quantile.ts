/**
 * Quantile of ascending values at a share between 0 and 1, interpolated linearly between the neighbouring order
 * statistics (type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996). `null` of nothing.
 */
export function sortedQuantile(ascending: ArrayLike<number>, share: number): number | null {
  if (ascending.length === 0) return null;
  const position = Math.min(1, Math.max(0, share)) * (ascending.length - 1);
  const below = Math.floor(position);
  const low = ascending[below]!;
  const high = ascending[Math.min(below + 1, ascending.length - 1)]!;
  // Not low + (high - low) * part: that overflows for extreme values and can step outside of [low, high].
  const part = position - below;
  return part === 0 || low === high ? low : low * (1 - part) + high * part;
}

/** Quantiles of values in any order, one per share (type 7); `null` for each of nothing. */
export function quantiles(values: Iterable<number>, shares: number[]): (number | null)[] {
  const ascending = Float64Array.from(values).sort();
  return shares.map((share) => sortedQuantile(ascending, share));
}
