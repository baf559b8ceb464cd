import { mean } from "./mean.ts";

/** Pearson's correlation, -1 to 1; `null` with fewer than two pairs or where one side does not vary. */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  const { xx, yy, xy } = centredSums(x, y);
  if (!(xx > 0 && yy > 0)) return null;
  return Math.min(1, Math.max(-1, xy / (Math.sqrt(xx) * Math.sqrt(yy))));
}

/** Sums of squares and products of two equally long lists about their means. */
export function centredSums(x: ArrayLike<number>, y: ArrayLike<number>): { xx: number; yy: number; xy: number } {
  if (x.length !== y.length) throw new RangeError(`lists of ${x.length} and ${y.length} values cannot be paired`);
  const sums = { xx: 0, yy: 0, xy: 0 };
  // A constant list's mean can be off by rounding, which would leave a spurious spread.
  const xMean = isConstant(x) ? x[0]! : (mean(x) ?? 0);
  const yMean = isConstant(y) ? y[0]! : (mean(y) ?? 0);
  for (let index = 0; index < x.length; index++) {
    const dx = x[index]! - xMean;
    const dy = y[index]! - yMean;
    sums.xx += dx * dx;
    sums.yy += dy * dy;
    sums.xy += dx * dy;
  }
  return sums;
}

function isConstant(values: ArrayLike<number>): boolean {
  for (let index = 1; index < values.length; index++) if (values[index] !== values[0]) return false;
  return values.length > 0;
}
