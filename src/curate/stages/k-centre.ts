/**
 * Positions of `wanted` vectors of length 1, [row][dimension], that lie far from each other: starting from the first, each time the one
 * farthest from those chosen (Gonzalez, 1985: the largest distance of any row to its nearest chosen one is at most twice the best possible). Equal
 * distances go to the earlier row. Also each row's cosine similarity to its nearest chosen one.
 */
export function kCentre(
  vectors: Float32Array,
  dimensions: number,
  wanted: number,
  onChosen: (done: number) => void = () => {},
): { chosen: number[]; similarity: Float32Array } {
  const rows = vectors.length / dimensions;
  const similarity = new Float32Array(rows).fill(Number.NEGATIVE_INFINITY);
  const taken = new Uint8Array(rows);
  const chosen: number[] = [];
  for (let next = 0; chosen.length < Math.min(wanted, rows); ) {
    chosen.push(next);
    taken[next] = 1;
    const centre = vectors.subarray(next * dimensions, (next + 1) * dimensions);
    let [farthest, least] = [-1, Number.POSITIVE_INFINITY];
    for (let row = 0, at = 0; row < rows; row++, at += dimensions) {
      let product = 0;
      for (let dimension = 0; dimension < dimensions; dimension++)
        product += centre[dimension]! * vectors[at + dimension]!;
      if (product > similarity[row]!) similarity[row] = product;
      if (taken[row] === 0 && similarity[row]! < least) [farthest, least] = [row, similarity[row]!];
    }
    next = farthest;
    onChosen(chosen.length);
  }
  return { chosen, similarity };
}
