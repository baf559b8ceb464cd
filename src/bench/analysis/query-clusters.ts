import type { AskedItem } from "./measured-item.ts";

/**
 * Number of each item's cluster: items with the same query, or of one `cluster` of the benchmark, go together, because
 * their results are not independent.
 */
export function queryClusters(items: readonly AskedItem[]): Int32Array {
  const parent = Int32Array.from(items.keys());
  const firsts = new Map<string, number>();
  items.forEach(({ item, queryKey }, index) => {
    if (queryKey !== undefined) join(`query ${queryKey}`, index);
    if (item.cluster !== undefined) join(`cluster ${item.cluster}`, index);
  });
  return parent.map((_, index) => root(index));

  function join(key: string, index: number): void {
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, index);
    else parent[root(index)] = root(first);
  }

  function root(start: number): number {
    let index = start;
    while (parent[index] !== index) {
      parent[index] = parent[parent[index]!]!;
      index = parent[index]!;
    }
    return index;
  }
}

/** Items in the order of file and row, so that no figure depends on the order in which they came. */
export function inDataOrder<T extends AskedItem>(items: readonly T[]): T[] {
  const places = new Map(items.map(({ item }) => [item.key, placeOf(item.key)]));
  return items.toSorted((a, b) => {
    const [left, right] = [places.get(a.item.key)!, places.get(b.item.key)!];
    if (left.file !== right.file) return left.file < right.file ? -1 : 1;
    if (left.row !== right.row) return left.row - right.row;
    return a.item.key < b.item.key ? -1 : a.item.key > b.item.key ? 1 : 0;
  });
}

function placeOf(key: string): { file: string; row: number } {
  const row = /#(\d+)$/.exec(key);
  return row === null ? { file: key, row: -1 } : { file: key.slice(0, row.index), row: Number(row[1]) };
}
