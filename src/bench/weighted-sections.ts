/** The parts of a section with their fixed weights, in order. */
export type SectionWeights = Readonly<Record<string, number>>;

/**
 * Weighted mean of the parts that have a value, with fixed weights rather than the number of rows that were run; `null`
 * where none has.
 */
export function weightedSection(weights: SectionWeights, values: ReadonlyMap<string, number>): number | null {
  let [sum, total] = [0, 0];
  for (const [part, weight] of Object.entries(weights)) {
    const value = values.get(part);
    if (value === undefined) continue;
    sum += weight * value;
    total += weight;
  }
  return total === 0 ? null : sum / total;
}
