import { type ShareInterval, wilsonInterval } from "../../core/statistics/index.ts";

/** A pair with unequal scores: how far apart they are, and whether the better response has the higher one. */
export interface JudgedPair {
  margin: number;
  right: boolean;
}

/** Pairs whose margins are above `above` and at most `upTo`. */
export interface MarginBin {
  above: number;
  /** `null`: no upper end. */
  upTo: number | null;
  pairs: number;
  /** `null` where the bin is empty. */
  meanMargin: number | null;
  /** Share of pairs ranked right, with its 95 % Wilson interval; `null` where the bin is empty. */
  right: ShareInterval | null;
}

/** At most `bins` bins of about equal count, from pairs in ascending order of margin. Equal margins share a bin. */
export function equalCountBins(ascending: JudgedPair[], bins: number): MarginBin[] {
  const found: MarginBin[] = [];
  let start = 0;
  for (let bin = 1; bin <= bins; bin++) {
    let end = Math.round((ascending.length * bin) / bins);
    while (end > 0 && end < ascending.length && ascending[end]!.margin === ascending[end - 1]!.margin) end++;
    if (end <= start) continue;
    const members = ascending.slice(start, end);
    found.push(describe(members, found.at(-1)?.upTo ?? 0, members.at(-1)!.margin));
    start = end;
  }
  return found;
}

/** Bins with the given ascending upper ends, then one without an upper end. */
export function fixedBins(pairs: JudgedPair[], edges: number[]): MarginBin[] {
  return [...edges, null].map((upTo, index) => {
    const above = index === 0 ? 0 : edges[index - 1]!;
    return describe(
      pairs.filter(({ margin }) => margin > above && (upTo === null || margin <= upTo)),
      above,
      upTo,
    );
  });
}

function describe(pairs: JudgedPair[], above: number, upTo: number | null): MarginBin {
  const total = pairs.reduce((sum, { margin }) => sum + margin, 0);
  const right = pairs.filter((pair) => pair.right).length;
  return {
    above,
    upTo,
    pairs: pairs.length,
    meanMargin: pairs.length === 0 ? null : total / pairs.length,
    right: wilsonInterval(right, pairs.length),
  };
}
