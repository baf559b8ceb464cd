import { z } from "zod";
import { allocate } from "../../bench/stratified-sample.ts";
import { rankRows } from "./rank-rows.ts";
import type { Stage } from "./stage.ts";

const settings = z.strictObject({
  /** Rows that stay. */
  pairs: z.int().min(1),
});

/**
 * As many rows as there shall be: the inputs in proportion to their rows times their weights, within each those that an
 * earlier stage prefers, the rest at random.
 */
export const budget: Stage<z.infer<typeof settings>> = {
  name: "budget",
  summary: "rows beyond the number that is wanted",
  settings,
  async run({ rows, seed, inputs, drop, note }, { pairs }) {
    const { n, input } = await rows.all(["input"]);
    const members = inputs.map((_, index) => n.filter((_, at) => input[at] === index));
    const places = weightedPlaces(
      members.map((own) => own.length),
      inputs.map(({ weight }) => weight),
      pairs,
    );
    const rank = await rankRows(rows, seed);
    for (const [index, own] of members.entries())
      for (const row of own.toSorted(rank).slice(places[index])) drop({ n: row, reason: "beyond the budget" });
    if (inputs.length > 1) note(inputs.map(({ name }, index) => `${name} ${places[index]}`).join(", "));
  },
};

/** Places by size times weight, none above its size; what one cannot fill goes to the others. */
export function weightedPlaces(sizes: readonly number[], weights: readonly number[], places: number): number[] {
  const given = sizes.map(() => 0);
  const wanted = Math.min(
    places,
    sizes.reduce((sum, size) => sum + size, 0),
  );
  for (let left = wanted; left > 0; ) {
    const room = sizes.map((size, index) => size - given[index]!);
    // Scaled so that shares of whole numbers say the weights to a thousandth.
    const scaled = room.map((free, index) =>
      free > 0 ? Math.max(1, Math.round(1000 * sizes[index]! * weights[index]!)) : 0,
    );
    const more = allocate(
      scaled,
      Math.min(
        left,
        scaled.reduce((sum, size) => sum + size, 0),
      ),
    );
    let taken = 0;
    for (const [index, count] of more.entries()) {
      const fitting = Math.min(count, room[index]!);
      given[index]! += fitting;
      taken += fitting;
    }
    left -= taken;
  }
  return given;
}
