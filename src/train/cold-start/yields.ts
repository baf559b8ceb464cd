import { addUsage, noUsage, type Usage } from "../../core/usage.ts";

/** How much of a teacher's answers about one pair could be used. */
export interface PairYields {
  /** Lists of criteria asked for, and of those that could be read. */
  criteria: { asked: number; read: number };
  /** Evaluations asked for, and of those that gave a score. */
  evaluations: { asked: number; scored: number };
  /** Pairs of an evaluation of the better and one of the worse response by the same criteria, and of those ranked right. */
  rankings: { made: number; right: number };
  usage: Usage;
}

/** The same over all pairs. */
export interface Yields extends PairYields {
  pairs: number;
  /** Pairs of which something was kept. */
  kept: number;
}

export const noYields: Yields = {
  pairs: 0,
  kept: 0,
  criteria: { asked: 0, read: 0 },
  evaluations: { asked: 0, scored: 0 },
  rankings: { made: 0, right: 0 },
  usage: noUsage,
};

/** Adds one pair's. */
export function addYields(all: Yields, pair: PairYields, kept: boolean): Yields {
  const { criteria, evaluations, rankings } = all;
  return {
    pairs: all.pairs + 1,
    kept: all.kept + (kept ? 1 : 0),
    criteria: { asked: criteria.asked + pair.criteria.asked, read: criteria.read + pair.criteria.read },
    evaluations: {
      asked: evaluations.asked + pair.evaluations.asked,
      scored: evaluations.scored + pair.evaluations.scored,
    },
    rankings: { made: rankings.made + pair.rankings.made, right: rankings.right + pair.rankings.right },
    usage: addUsage(all.usage, pair.usage),
  };
}

/** `of 20 pairs 15 kept, 95.0 % of the criteria and 90.0 % of the evaluations read, 70.0 % of the rankings right` */
export function describeYields({ pairs, kept, criteria, evaluations, rankings }: Yields): string {
  const share = (part: number, of: number) => (of === 0 ? "none" : `${((100 * part) / of).toFixed(1)} %`);
  return `of ${pairs} pairs ${kept} kept, ${share(criteria.read, criteria.asked)} of the criteria and ${share(evaluations.scored, evaluations.asked)} of the evaluations read, ${share(rankings.right, rankings.made)} of the rankings right`;
}
