/**
 * Kendall's tau-b, -1 to 1: concordant less discordant pairs over the geometric mean of the pairs untied on either side
 * (Kendall 1945; counted by merge sort in O(n log n), Knight 1966). `null` where one side does not vary.
 */
export function kendallTauB(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  if (x.length !== y.length) throw new RangeError(`lists of ${x.length} and ${y.length} values cannot be paired`);
  const n = x.length;
  const order = Array.from({ length: n }, (_, index) => index).sort((a, b) => x[a]! - x[b]! || y[a]! - y[b]!);
  const all = pairsOf(n);
  const tiedX = tiedPairs(n, (place) => x[order[place]!] === x[order[place - 1]!]);
  const tiedBoth = tiedPairs(
    n,
    (place) => x[order[place]!] === x[order[place - 1]!] && y[order[place]!] === y[order[place - 1]!],
  );
  const yInOrder = Float64Array.from(order, (index) => y[index]!);
  const discordant = sortCountingInversions(yInOrder);
  const tiedY = tiedPairs(n, (place) => yInOrder[place] === yInOrder[place - 1]);
  if (all === tiedX || all === tiedY) return null;
  const difference = all - tiedX - tiedY + tiedBoth - 2 * discordant;
  return Math.min(1, Math.max(-1, difference / (Math.sqrt(all - tiedX) * Math.sqrt(all - tiedY))));
}

function pairsOf(count: number): number {
  return (count * (count - 1)) / 2;
}

/** Pairs inside runs of neighbours that are equal. */
function tiedPairs(length: number, equalsPrevious: (place: number) => boolean): number {
  let pairs = 0;
  let run = 1;
  for (let place = 1; place <= length; place++) {
    if (place < length && equalsPrevious(place)) run++;
    else {
      pairs += pairsOf(run);
      run = 1;
    }
  }
  return pairs;
}

/** Sorts ascending in place; returns how many pairs stood in strictly descending order. */
function sortCountingInversions(values: Float64Array): number {
  let inversions = 0;
  let from: Float64Array = values;
  let to: Float64Array = new Float64Array(values.length);
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) {
      const middle = Math.min(start + width, values.length);
      const end = Math.min(start + 2 * width, values.length);
      let left = start;
      let right = middle;
      for (let place = start; place < end; place++) {
        if (right >= end || (left < middle && from[left]! <= from[right]!)) to[place] = from[left++]!;
        else {
          inversions += middle - left;
          to[place] = from[right++]!;
        }
      }
    }
    [from, to] = [to, from];
  }
  if (from !== values) values.set(from);
  return inversions;
}
