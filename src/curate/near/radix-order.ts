/** Positions of keys in ascending order of the keys; equal keys keep the order of their positions. */
export function radixOrder(keys: Uint32Array): Uint32Array {
  let order = Uint32Array.from({ length: keys.length }, (_, index) => index);
  let next = new Uint32Array(keys.length);
  const starts = new Uint32Array(2048);
  for (const shift of [0, 11, 22]) {
    starts.fill(0);
    for (const key of keys) starts[(key >>> shift) & 2047]!++;
    for (let digit = 0, sum = 0; digit < starts.length; digit++) {
      const count = starts[digit]!;
      starts[digit] = sum;
      sum += count;
    }
    for (const position of order) next[starts[(keys[position]! >>> shift) & 2047]!++] = position;
    [order, next] = [next, order];
  }
  return order;
}
