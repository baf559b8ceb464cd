/**
 * A limit shared out evenly over groups of these sizes. What a small group cannot take goes to the others; what cannot be
 * shared evenly goes to the first ones.
 */
export function shareLimit(sizes: readonly number[], limit: number): number[] {
  const shares = sizes.map(() => 0);
  let left = limit;
  for (;;) {
    const open = [...sizes.keys()].filter((index) => shares[index]! < sizes[index]!);
    if (left === 0 || open.length === 0) return shares;
    const each = Math.max(1, Math.floor(left / open.length));
    for (const index of open) {
      const given = Math.min(each, sizes[index]! - shares[index]!, left);
      shares[index]! += given;
      left -= given;
    }
  }
}
