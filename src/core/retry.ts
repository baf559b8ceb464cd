import type { Random } from "./random.ts";

/** First wait's upper bound in milliseconds; doubled with every further attempt. */
const baseMs = 250;
/** Upper bound of a wait that we chose. */
const capMs = 20_000;
/** Upper bound of a wait that the server asked for: longer ones are quotas, which an attempt a minute finds out. */
const retryAfterCapMs = 60_000;

/** Whether a status may be different next time. */
export function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 409 || status === 425 || status === 429 || status >= 500;
}

/** Whether a status says that the server has too much to do. */
export function isCongestionStatus(status: number): boolean {
  return status === 429 || status === 503 || status === 529;
}

/**
 * Milliseconds to wait before attempt `attempt + 1` (the first attempt is 1): full jitter over an exponential bound. A
 * wait the server asked for is kept, with some jitter on top so that not all clients come back at once.
 */
export function backoffMs(attempt: number, random: Random, retryAfterMs?: number): number {
  if (retryAfterMs !== undefined) return Math.min(retryAfterMs, retryAfterCapMs) + random() * baseMs;
  return random() * Math.min(capMs, baseMs * 2 ** (attempt - 1));
}

/** Reads `Retry-After`, seconds or an HTTP date, as milliseconds from `now`; undefined where it says neither. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
