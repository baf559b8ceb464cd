import type { BenchResult, BenchSection, BenchTable, ScoredItem } from "./benchmark.ts";
import { countPairs, pairAccuracy, pairAccuracyOf, totalPairs } from "./pair-accuracy.ts";

export interface ResultParts {
  /** `items`: default all. */
  headline: Omit<BenchResult["headline"], "items"> & { items?: number };
  sections: BenchSection[];
  /** A subset's number by the benchmark's own rule. */
  subsetValue: (items: ScoredItem[]) => number | null;
  /** What equal scores earn in it. Default: the headline's rule. */
  subsetTieRule?: (subset: string) => string;
  unscoredRule: string;
  tables?: BenchTable[];
  details?: Record<string, unknown>;
}

/** A result from a benchmark's own numbers; what is counted the same everywhere is counted here. */
export function buildResult(benchmark: string, items: ScoredItem[], parts: ResultParts): BenchResult {
  const subsets = [...groupBySubset(items)].sort(([a], [b]) => (a < b ? -1 : 1));
  const pairs = countPairs(items);
  let [responses, missing, incomplete] = [0, 0, 0];
  for (const { scores } of items) {
    const nulls = scores.reduce<number>((count, score) => count + (score === null ? 1 : 0), 0);
    responses += scores.length;
    missing += nulls;
    if (nulls > 0) incomplete++;
  }
  return {
    benchmark,
    headline: { ...parts.headline, items: parts.headline.items ?? items.length },
    sections: parts.sections,
    subsets: subsets.map(([name, members]) => ({
      name,
      items: members.length,
      value: parts.subsetValue(members),
      ...pairAccuracyOf(members),
      tieRule: parts.subsetTieRule?.(name) ?? parts.headline.tieRule,
    })),
    pairs: { count: totalPairs(pairs), ...pairAccuracy(pairs) },
    tables: parts.tables ?? [],
    items: items.length,
    responses,
    unscored: { responses: missing, items: incomplete, rule: parts.unscoredRule },
    details: parts.details ?? {},
  };
}

/** Items by subset. */
export function groupBySubset(items: readonly ScoredItem[]): Map<string, ScoredItem[]> {
  return groupBy(items, ({ item }) => item.subset);
}

/** Values by a key, in the order of first appearance. */
export function groupBy<T, K>(values: readonly T[], keyOf: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}
