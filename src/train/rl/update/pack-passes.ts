/** Shapes that SkyRL's JAX backend pads to: two significant binary digits, rounded up, at least 32. */
export function paddedLength(length: number): number {
  if (length <= 32) return 32;
  const half = 2 ** (Math.floor(Math.log2(length)) - 1);
  return Math.ceil(length / half) * half;
}

/**
 * Packs sequences (by their lengths T) into passes, as lists of indexes: every pass has sequences of one padded length,
 * within `tokenBudget` padded tokens unless a single one is longer, and a power of two of them. A server that compiles per
 * shape so meets few: about two lengths a doubling, and at most log2(budget / length) + 1 counts for each.
 */
export function packPasses(lengths: readonly number[], tokenBudget: number): number[][] {
  const order = [...lengths.keys()].sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  const passes: number[][] = [];
  for (let next = 0; next < order.length; ) {
    const padded = paddedLength(lengths[order[next]!]!);
    const end = order.findIndex((index, at) => at > next && lengths[index]! > padded);
    const left = (end === -1 ? order.length : end) - next;
    const rows = 2 ** Math.floor(Math.log2(Math.max(1, Math.min(left, tokenBudget / padded))));
    passes.push(order.slice(next, next + rows));
    next += rows;
  }
  return passes;
}
