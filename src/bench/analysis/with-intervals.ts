import type { Interval } from "../../core/statistics/index.ts";
import type { Benchmark, BenchResult, BenchSection } from "../benchmark.ts";
import { drawItems } from "./draw-items.ts";
import type { AskedItem } from "./measured-item.ts";
import { inDataOrder, queryClusters } from "./query-clusters.ts";
import { type ResampleOptions, resample } from "./resample.ts";

/** A benchmark's result with bootstrap intervals. An interval is `null` where its number is, or with fewer than two clusters (rows: items). */
export interface IntervalResult {
  result: BenchResult;
  /** Queries (or the benchmark's own clusters) that were drawn. */
  clusters: number;
  resamples: number;
  seed: number;
  level: number;
  headline: Interval | null;
  /** In the order of `result.sections`. */
  sections: RowIntervals[];
  /** In the order of `result.subsets`. */
  subsets: RowIntervals[];
  pairs: { strict: Interval | null; half: Interval | null; tieRate: Interval | null };
}

/** Intervals of the numbers of a section or subset. */
export interface RowIntervals {
  name: string;
  value: Interval | null;
  strict: Interval | null;
  half: Interval | null;
  tieRate: Interval | null;
}

/**
 * The official numbers with 95 % percentile intervals over queries. Whole queries are drawn from all items, not within
 * subsets: small subsets would look too certain otherwise. A subset's interval is over the resamples it is in; one whose
 * pairs are all right has an interval of width 0, which says little for few items. The order of items does not matter.
 */
export async function withIntervals(
  benchmark: Pick<Benchmark, "score">,
  items: readonly AskedItem[],
  options: ResampleOptions,
): Promise<IntervalResult> {
  const ordered = inDataOrder(items);
  const clusters = queryClusters(ordered);
  const result = benchmark.score(ordered);
  const draw = drawItems(ordered);
  const names = [...numbersOf(result).keys()];
  const intervals = await resample(
    ordered.length,
    (drawn) => {
      const numbers = numbersOf(benchmark.score(draw(drawn)));
      return names.map((name) => numbers.get(name) ?? null);
    },
    { ...options, clusters },
  );
  const byName = new Map(names.map((name, index) => [name, intervals[index]!]));
  const interval = (...name: string[]) => byName.get(JSON.stringify(name)) ?? null;
  const rowIntervals = (kind: string, { name, items: count }: BenchSection): RowIntervals => {
    // All that resamples can say of a single item is the item.
    const of = (number: string) => (count < 2 ? null : interval(kind, name, number));
    return { name, value: of("value"), strict: of("strict"), half: of("half"), tieRate: of("tieRate") };
  };
  return {
    result,
    clusters: new Set(clusters).size,
    resamples: options.resamples ?? 2_000,
    seed: options.seed,
    level: options.level ?? 0.95,
    headline: interval("headline"),
    sections: result.sections.map((row) => rowIntervals("section", row)),
    subsets: result.subsets.map((row) => rowIntervals("subset", row)),
    pairs: {
      strict: interval("pairs", "strict"),
      half: interval("pairs", "half"),
      tieRate: interval("pairs", "tieRate"),
    },
  };
}

/** Every number of a result that gets an interval, by a name that is the same in every resample. */
function numbersOf(result: BenchResult): Map<string, number | null> {
  const numbers = new Map<string, number | null>();
  const set = (value: number | null, ...name: string[]) => numbers.set(JSON.stringify(name), value);
  set(result.headline.value, "headline");
  for (const kind of ["section", "subset"] as const)
    for (const { name, value, strict, half, tieRate } of result[`${kind}s`]) {
      set(value, kind, name, "value");
      set(strict, kind, name, "strict");
      set(half, kind, name, "half");
      set(tieRate, kind, name, "tieRate");
    }
  set(result.pairs.strict, "pairs", "strict");
  set(result.pairs.half, "pairs", "half");
  set(result.pairs.tieRate, "pairs", "tieRate");
  return numbers;
}
