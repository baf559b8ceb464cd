import { mean } from "./mean.ts";
import { centredSums } from "./pearson.ts";

/** Least-squares line `y = intercept + slope * x`. */
export interface SimpleRegression {
  slope: number;
  intercept: number;
  /** Share of the variance of y that the line explains, 0 to 1. */
  rSquared: number;
}

/** Least-squares line through pairs; `null` with fewer than two, or where x or y does not vary. */
export function simpleRegression(x: ArrayLike<number>, y: ArrayLike<number>): SimpleRegression | null {
  const { xx, yy, xy } = centredSums(x, y);
  if (!(xx > 0 && yy > 0)) return null;
  const slope = xy / xx;
  const correlation = xy / (Math.sqrt(xx) * Math.sqrt(yy));
  return { slope, intercept: mean(y)! - slope * mean(x)!, rSquared: Math.min(1, correlation * correlation) };
}
