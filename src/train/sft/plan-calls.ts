/** A request to the server: which of the sequences go into it. All are padded to one length there. */
export interface PlannedCall {
  /** Positions in the given lengths, longest first. */
  items: number[];
  /** The length they are padded to, in tokens. */
  paddedLength: number;
}

/**
 * Shares sequences out over calls of at most `tokenBudget` padded tokens (one sequence alone may be longer). An engine
 * compiles a program for every shape it meets, so shapes are few: lengths are rounded up as SkyRL's JAX backend does, and
 * the number of rows is a power of two. Longest first, so that each length is met as early as can be, and a shorter
 * sequence fills a row that would else be empty.
 */
export function planCalls(lengths: readonly number[], tokenBudget: number): PlannedCall[] {
  const order = lengths.map((_, index) => index).sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const calls: PlannedCall[] = [];
  for (let at = 0; at < order.length; ) {
    const paddedLength = bucketLength(lengths[order[at]!]!);
    const rows = powerOfTwo(Math.min(order.length - at, tokenBudget / paddedLength));
    calls.push({ items: order.slice(at, at + rows), paddedLength });
    at += rows;
  }
  return calls;
}

/** A length rounded up to two significant binary digits: 32, 48, 64, 96, 128, 192, ... */
export function bucketLength(length: number): number {
  if (length <= 32) return 32;
  const half = 2 ** (Math.floor(Math.log2(length)) - 1);
  return Math.ceil(length / half) * half;
}

/** The largest power of two that is at most `limit`, and at least 1. */
function powerOfTwo(limit: number): number {
  return limit < 2 ? 1 : 2 ** Math.floor(Math.log2(limit));
}
