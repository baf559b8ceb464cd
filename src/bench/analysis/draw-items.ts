import type { AskedItem } from "./measured-item.ts";

/**
 * Gives the items of a sample by index. An item that is drawn again stands there again; where it belongs to a cluster of
 * the benchmark, its further copies belong to clusters of their own, so that they are not taken for partners of the first.
 */
export function drawItems(items: readonly AskedItem[]): (drawn: Int32Array) => AskedItem[] {
  // Copies are kept: a benchmark may remember what it worked out for an object.
  const copies = items.map((item) => [item]);
  const times = new Int32Array(items.length);
  return (drawn) => {
    times.fill(0);
    const sample = new Array<AskedItem>(drawn.length);
    for (let place = 0; place < drawn.length; place++) {
      const index = drawn[place]!;
      const item = items[index]!;
      sample[place] = item.item.cluster === undefined ? item : copy(index, times[index]!++);
    }
    return sample;
  };

  function copy(index: number, draw: number): AskedItem {
    const { item, ...rest } = items[index]!;
    const known = copies[index]!;
    known[draw] ??= { ...rest, item: { ...item, cluster: `${item.cluster} (draw ${draw + 1})` } };
    return known[draw];
  }
}
