import { z } from "zod";
import { rankRows } from "./rank-rows.ts";
import type { Stage } from "./stage.ts";

const settings = z.strictObject({
  /** What is balanced: what a row is about, its source, or the recipe's input. */
  by: z.enum(["domain", "source", "input"]).default("domain"),
  /** Largest share of the rows that stay which one of them may have. */
  maxShare: z.number().positive().max(1).optional(),
  /** Most rows of one of them. */
  maxRows: z.int().min(1).optional(),
  /** Shares by name, for some of them; rows are dropped until none is above its share. */
  shares: z.record(z.string(), z.number().positive().max(1)).default({}),
});

/** So that no kind of query outweighs the others. */
export const domainBalance: Stage<z.infer<typeof settings>> = {
  name: "domain-balance",
  summary: "rows of domains or sources that outweigh the others",
  settings,
  async run({ rows, seed, inputs, drop, note }, { by, maxShare = 1, maxRows, shares }) {
    const found = await rows.all([by]);
    const values = found[by] as (string | number | null)[];
    const groups = new Map<string, number[]>();
    for (const [at, row] of found.n.entries()) {
      const value = values[at]!;
      const name = typeof value === "number" ? inputs[value]!.name : (value ?? "(none)");
      const members = groups.get(name);
      if (members === undefined) groups.set(name, [row]);
      else members.push(row);
    }
    const names = [...groups.keys()].sort();
    const sizes = names.map((name) => Math.min(maxRows ?? Number.POSITIVE_INFINITY, groups.get(name)!.length));
    const kept = capShares(
      sizes,
      names.map((name) => shares[name] ?? maxShare),
    );
    const rank = await rankRows(rows, seed);
    for (const [index, name] of names.entries())
      for (const n of groups.get(name)!.toSorted(rank).slice(kept[index]))
        drop({ n, reason: `too many of ${by} ${name}` });
    note(
      `${names.length} kinds of ${by}: ${names
        .map((name, index) => `${name} ${kept[index]}`)
        .join(", ")
        .slice(0, 300)}`,
    );
  },
};

/** Shares that add up to hardly more than 1 leave whole numbers no room: then each may be exceeded by less than a row. */
const narrow = 1.05;

/**
 * The largest numbers, none above its size, of which none has more than its share of them all. Shares that cannot hold, since
 * those of all groups do not add up to 1 (a single group below 1), are raised in proportion until they do.
 */
export function capShares(sizes: readonly number[], shares: readonly number[]): number[] {
  const sum = shares.reduce((all, share, index) => all + (sizes[index]! > 0 ? share : 0), 0);
  const own = sum < 1 ? shares.map((share) => share / sum) : shares;
  const slack = sum < narrow ? 1 - 1e-6 : 0;
  let kept = [...sizes];
  for (;;) {
    const total = kept.reduce((all, size) => all + size, 0);
    const next = kept.map((size, index) => {
      const share = own[index]!;
      if (share >= 1 || size <= share * total + slack) return size;
      return Math.max(1, Math.min(size, Math.floor((share * (total - size) + slack) / (1 - share))));
    });
    if (next.every((size, index) => size === kept[index])) return kept;
    // The group that is most above its share goes first: what it loses changes the others' shares.
    const excess = kept.map((size, index) => size - next[index]!);
    const largest = excess.indexOf(Math.max(...excess));
    kept = kept.map((size, index) => (index === largest ? next[index]! : size));
  }
}
