import type { ChosenItems } from "./choose-items.ts";

/** Which items a run is about, in a line: `60 of 700 items (a 30 of 620, b 30 of 80), a sample stratified by subset, seed 0`. */
export function describeChoice(chosen: readonly ChosenItems[], options: { limit?: number; seed: number }): string {
  const sum = (of: (one: ChosenItems) => number) => chosen.reduce((count, one) => count + of(one), 0);
  const parts = chosen.map(({ benchmark, keys, total }) => `${benchmark.name} ${keys.size} of ${total}`).join(", ");
  const sample = options.limit === undefined ? "" : `, a sample stratified by subset, seed ${options.seed}`;
  return `${sum(({ keys }) => keys.size)} of ${sum(({ total }) => total)} items (${parts})${sample}`;
}
