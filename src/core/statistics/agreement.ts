import { mean } from "./mean.ts";

/**
 * Krippendorff's alpha for interval data: 1 less observed over expected disagreement (squared differences), where each
 * unit is a list of ratings of which `null` is missing. 1 is agreement, 0 what chance gives. Units with fewer than two
 * ratings do not count. `null` without such units or where no rating differs. Source: Krippendorff, "Computing
 * Krippendorff's Alpha-Reliability", 2011.
 */
export function krippendorffAlpha(units: (number | null)[][]): number | null {
  const rated = pairableUnits(units);
  const all = rated.flat();
  if (all.every((rating) => rating === all[0])) return null;
  let observed = 0;
  for (const unit of rated) observed += squaredDifferences(unit) / (unit.length - 1);
  const expected = squaredDifferences(all) / (all.length - 1);
  return 1 - observed / expected;
}

/**
 * Share of pairs of ratings of the same unit that are equal, or no more than `tolerance` apart, averaged over units with
 * at least two ratings. `null` without such units.
 */
export function pairwiseAgreement(units: (number | null)[][], tolerance = 0): number | null {
  return mean(
    pairableUnits(units).map((unit) => {
      let agreeing = 0;
      for (let i = 0; i < unit.length; i++) {
        for (let j = 0; j < i; j++) if (Math.abs(unit[i]! - unit[j]!) <= tolerance) agreeing++;
      }
      return agreeing / ((unit.length * (unit.length - 1)) / 2);
    }),
  );
}

function pairableUnits(units: (number | null)[][]): number[][] {
  return units.map((unit) => unit.filter((rating) => rating !== null)).filter((unit) => unit.length >= 2);
}

/** Sum over ordered pairs of squared differences, by moments about one of the values (exactly 0 where all are equal). */
function squaredDifferences(values: number[]): number {
  const centre = values[0]!;
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value - centre;
    squares += (value - centre) ** 2;
  }
  return Math.max(0, 2 * (values.length * squares - sum * sum));
}
