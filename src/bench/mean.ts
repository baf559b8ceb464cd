import { mean } from "../core/statistics/mean.ts";

export { mean };

/** Mean of parts that must all be there; `null` where one is missing, so that a mean of some never poses as one of all. */
export function meanOfAll(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length === values.length ? mean(known) : null;
}
