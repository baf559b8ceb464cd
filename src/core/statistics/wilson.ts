import { normalQuantile } from "./normal.ts";

/** An observed share and its interval; all between 0 and 1. */
export interface ShareInterval {
  estimate: number;
  low: number;
  high: number;
}

/**
 * Wilson's score interval of a share, without continuity correction (Wilson 1927): `successes` of `trials` independent
 * trials. `null` without trials.
 */
export function wilsonInterval(successes: number, trials: number, level = 0.95): ShareInterval | null {
  if (trials === 0) return null;
  const z = normalQuantile(0.5 + level / 2);
  const estimate = successes / trials;
  const scale = 1 / (1 + (z * z) / trials);
  const centre = (estimate + (z * z) / (2 * trials)) * scale;
  const reach = z * scale * Math.sqrt((estimate * (1 - estimate)) / trials + (z * z) / (4 * trials * trials));
  return {
    estimate,
    low: successes === 0 ? 0 : Math.min(estimate, Math.max(0, centre - reach)),
    high: successes === trials ? 1 : Math.max(estimate, Math.min(1, centre + reach)),
  };
}
