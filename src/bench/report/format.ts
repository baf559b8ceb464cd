/** A number and its 95 % interval, where there is one. Shares are between 0 and 1. */
export interface Estimate {
  value: number | null;
  low: number | null;
  high: number | null;
}

/** Stands where there is no number. */
export const absent = "n/a";

/** A share in percent with one decimal: `78.3`. */
export function percent(value: number | null | undefined, decimals = 1): string {
  return isNumber(value) ? fixed(100 * value, decimals) : absent;
}

/** A share in percent with its interval: `78.3 [75.1, 81.2]`. */
export function percentWithInterval({ value, low, high }: Estimate): string {
  return isNumber(low) && isNumber(high) ? `${percent(value)} [${percent(low)}, ${percent(high)}]` : percent(value);
}

/** A number with a fixed count of decimals; never `-0.0`. */
export function fixed(value: number | null | undefined, decimals = 2): string {
  if (!isNumber(value)) return absent;
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace("-", "") : text;
}

/** A difference with its sign: `+1.2`. */
export function signed(value: number | null | undefined, decimals = 1): string {
  const text = fixed(value, decimals);
  return isNumber(value) && Number(text) > 0 ? `+${text}` : text;
}

/** A whole number with commas between thousands. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** A time in the unit that suits it: `850 ms`, `12.3 s`, `4.5 min`, `2.1 h`. */
export function duration(milliseconds: number | null): string {
  if (milliseconds === null) return absent;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 120) return `${fixed(seconds, 1)} s`;
  return seconds < 7200 ? `${fixed(seconds / 60, 1)} min` : `${fixed(seconds / 3600, 1)} h`;
}

/** A p-value: three decimals, or `< 0.001`. */
export function pValue(p: number | null): string {
  return p === null ? absent : p < 0.001 ? "< 0.001" : fixed(p, 3);
}

function isNumber(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}
