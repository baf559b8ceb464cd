import type { Random } from "../random.ts";

/** Draws samples of items cluster by cluster. Index arrays it returns are overwritten by the next call. */
export interface ClusterSampler {
  clusterCount: number;
  /** As many clusters as there are, drawn with replacement; indexes of all their items. */
  draw(random: Random): Int32Array;
  /** Indexes of all items but those of the clusters whose number, modulo `groups`, is `group`. */
  leaveOut(group: number, groups: number): Int32Array;
}

/** Sampler over items whose clusters are given as any numbers, equal for items that belong together. */
export function clusterSampler(clusters: ArrayLike<number>): ClusterSampler {
  const numbers = new Map<number, number>();
  const clusterOfItem = Int32Array.from(clusters, (cluster) => {
    const known = numbers.get(cluster) ?? numbers.size;
    numbers.set(cluster, known);
    return known;
  });
  const clusterCount = numbers.size;
  const starts = new Int32Array(clusterCount + 1);
  for (const cluster of clusterOfItem) starts[cluster + 1]!++;
  let largest = 0;
  for (let cluster = 0; cluster < clusterCount; cluster++) {
    largest = Math.max(largest, starts[cluster + 1]!);
    starts[cluster + 1]! += starts[cluster]!;
  }
  const members = new Int32Array(clusterOfItem.length);
  const next = starts.slice(0, clusterCount);
  clusterOfItem.forEach((cluster, item) => {
    members[next[cluster]!++] = item;
  });
  let buffer = new Int32Array(Math.max(16, 2 * clusterOfItem.length));
  return {
    clusterCount,
    draw(random) {
      let length = 0;
      for (let drawn = 0; drawn < clusterCount; drawn++) {
        const cluster = Math.floor(random() * clusterCount);
        if (length + largest > buffer.length) buffer = grown(buffer, length + largest);
        for (let place = starts[cluster]!; place < starts[cluster + 1]!; place++) buffer[length++] = members[place]!;
      }
      return buffer.subarray(0, length);
    },
    leaveOut(group, groups) {
      return Int32Array.from(members.keys()).filter((item) => clusterOfItem[item]! % groups !== group);
    },
  };
}

function grown(buffer: Int32Array<ArrayBuffer>, needed: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * needed);
  larger.set(buffer);
  return larger;
}
