import { z } from "zod";
import { rankRows } from "./rank-rows.ts";
import type { Stage } from "./stage.ts";

const settings = z.strictObject({
  /** Strata of equal size by the length of the longer response. */
  strata: z.int().min(1).max(100).default(5),
  /** Share of pairs, within every stratum, whose chosen response is the longer one. */
  share: z.number().min(0).max(1).default(0.5),
  /** By how much the share may be off; rows are dropped until it is reached. */
  tolerance: z.number().min(0).max(0.5).default(0.02),
});

/** So that length says nothing about which response is better: drops pairs of the side that is too many. */
export const lengthBalance: Stage<z.infer<typeof settings>> = {
  name: "length-balance",
  summary: "pairs of the side that is longer too often, within strata of length",
  settings,
  async run({ rows, seed, drop, note }, { strata, share, tolerance }) {
    const { n, chosen_characters, rejected_characters } = await rows.all(["chosen_characters", "rejected_characters"]);
    const pairs = n.map((row, at) => {
      const [chosen, rejected] = [chosen_characters[at]!, rejected_characters[at]!];
      return { row, length: Math.max(chosen, rejected), longer: Math.sign(chosen - rejected) };
    });
    const ordered = pairs.toSorted((a, b) => a.length - b.length || a.row - b.row);
    const rank = await rankRows(rows, seed);
    const shareOf = (of: typeof pairs) => {
      const different = of.filter(({ longer }) => longer !== 0);
      return different.length === 0
        ? undefined
        : different.filter(({ longer }) => longer > 0).length / different.length;
    };
    const before = shareOf(pairs);
    const dropped = new Set<number>();
    for (let stratum = 0; stratum < strata; stratum++) {
      const from = Math.floor((stratum * ordered.length) / strata);
      const to = Math.floor(((stratum + 1) * ordered.length) / strata);
      const members = ordered.slice(from, to);
      const longer = members.filter((pair) => pair.longer > 0);
      const shorter = members.filter((pair) => pair.longer < 0);
      const [many, reason, keep] = excess(longer, shorter, share, tolerance);
      const leaving = many.toSorted((a, b) => rank(a.row, b.row)).slice(keep);
      const lengths = `${members[0]?.length} to ${members.at(-1)?.length} characters`;
      for (const { row } of leaving) {
        dropped.add(row);
        drop({ n: row, reason, detail: lengths });
      }
    }
    const after = shareOf(pairs.filter(({ row }) => !dropped.has(row)));
    if (before !== undefined && after !== undefined)
      note(`chosen longer in ${(100 * before).toFixed(1)} % before, ${(100 * after).toFixed(1)} % after`);
  },
};

/** The side with too many pairs, why they go, and how many of it stay. */
function excess<Pair>(
  longer: Pair[],
  shorter: Pair[],
  share: number,
  tolerance: number,
): [many: Pair[], reason: string, keep: number] {
  const [most, least] = [Math.min(1, share + tolerance), Math.max(0, share - tolerance)];
  const all = longer.length + shorter.length;
  if (longer.length > most * all) {
    const keep = most >= 1 ? longer.length : Math.floor((most / (1 - most)) * shorter.length);
    return [longer, "chosen longer too often", keep];
  }
  if (longer.length < least * all) {
    const keep = Math.floor(((1 - least) / least) * longer.length);
    return [shorter, "rejected longer too often", keep];
  }
  return [[], "", 0];
}
