import { InputError } from "../../core/errors.ts";
import {
  differences,
  type Interval,
  type McNemarTest,
  mcNemarTest,
  type SignFlipTest,
  type Statistic,
  signFlipTest,
} from "../../core/statistics/index.ts";
import type { Benchmark } from "../benchmark.ts";
import { comparePair } from "../pair-accuracy.ts";
import { drawItems } from "./draw-items.ts";
import { itemCredit } from "./item-credit.ts";
import { type BothRules, lengthBalanceStatistic } from "./length-balance.ts";
import type { AskedItem, MeasuredItem } from "./measured-item.ts";
import { inDataOrder, queryClusters } from "./query-clusters.ts";
import { type ResampleOptions, resample } from "./resample.ts";

/** A number of both runs and how far the second is above the first. */
export interface PairedNumber {
  name: string;
  a: number | null;
  b: number | null;
  /** b - a with its interval; `null` where either is not defined, or with fewer than two clusters (sections: items). */
  difference: Interval | null;
}

export interface CreditDifference {
  key: string;
  subset: string;
  /** Credit under the benchmark's rule, usually 0 to 1. */
  a: number;
  b: number;
}

/** Two runs on the items that both have. */
export interface RunComparison {
  items: { both: number; onlyA: number; onlyB: number };
  headline: PairedNumber & { tieRule: string };
  sections: PairedNumber[];
  /** Pair accuracy in which length is worth nothing, by the lengths of the first run's responses. */
  lengthBalanced: BothRules<PairedNumber>;
  /** Mean credit per item; its p-value by sign flips of whole queries, two-sided. */
  credit: PairedNumber & { test: SignFlipTest };
  /**
   * McNemar's test on pairs ranked right (a tie is not right), where every item has exactly one; else `null`. It takes
   * items for independent; where queries repeat, go by the sign flips.
   */
  mcNemar: (McNemarTest & { bothRight: number; bothWrong: number }) | null;
  /** Items where one run earned more than the other, the largest difference first. */
  disagreements: { aBetter: CreditDifference[]; bBetter: CreditDifference[] };
}

/**
 * Compares run B with run A, paired over their common items; differences are B less A. Throws `InputError` for a run with
 * a doubled item, and for runs whose common items are not of the same data.
 */
export async function compareRuns(
  benchmark: Pick<Benchmark, "score">,
  a: readonly MeasuredItem[],
  b: readonly MeasuredItem[],
  options: ResampleOptions,
): Promise<RunComparison> {
  const [itemsOfA, itemsOfB] = [byKey(a, "A"), byKey(b, "B")];
  const first = inDataOrder(a.filter(({ item }) => itemsOfB.has(item.key)));
  const second = first.map((inA) => sameData(inA, itemsOfB.get(inA.item.key)!));
  const credits = first.map((item, index) => ({
    a: itemCredit(benchmark, item),
    b: itemCredit(benchmark, second[index]!),
  }));
  const [resultA, resultB] = [benchmark.score(first), benchmark.score(second)];
  const names = resultA.sections.map(({ name }) => name);
  const numbers = (items: AskedItem[], run: "a" | "b"): Statistic => {
    const draw = drawItems(items);
    return (drawn) => {
      const result = benchmark.score(draw(drawn));
      const sections = new Map(result.sections.map(({ name, value }) => [name, value]));
      const [strict, half] = balance[run](drawn);
      return [
        ...[result.headline.value, meanCredit(drawn, run), strict!, half!],
        ...names.map((name) => sections.get(name) ?? null),
      ];
    };
  };
  const balance = {
    a: lengthBalanceStatistic(first),
    b: lengthBalanceStatistic(second.map((item, index) => ({ ...item, lengths: first[index]!.lengths }))),
  };
  const meanCredit = (drawn: Int32Array, run: "a" | "b"): number | null => {
    let [sum, count] = [0, 0];
    for (const index of drawn) {
      const credit = credits[index]![run];
      if (credit === null) continue;
      sum += credit;
      count++;
    }
    return count === 0 ? null : sum / count;
  };
  const clusters = queryClusters(first);
  const [headline, credit, strict, half, ...sections] = await resample(
    first.length,
    differences(numbers(first, "a"), numbers(second, "b")),
    { ...options, clusters },
  );
  const everyItem = Int32Array.from(first.keys());
  const [balancedA, balancedB] = [balance.a(everyItem), balance.b(everyItem)];
  const valueInB = new Map(resultB.sections.map(({ name, value }) => [name, value]));
  return {
    items: { both: first.length, onlyA: itemsOfA.size - first.length, onlyB: itemsOfB.size - first.length },
    headline: {
      name: resultA.headline.name,
      tieRule: resultA.headline.tieRule,
      a: resultA.headline.value,
      b: resultB.headline.value,
      difference: headline!,
    },
    sections: resultA.sections.map(({ name, value, items }, index) => ({
      name,
      a: value,
      b: valueInB.get(name) ?? null,
      difference: items < 2 ? null : sections[index]!,
    })),
    lengthBalanced: {
      strict: {
        name: "length-balanced accuracy, strict",
        ...{ a: balancedA[0]!, b: balancedB[0]!, difference: strict! },
      },
      half: {
        name: "length-balanced accuracy, half credit",
        ...{ a: balancedA[1]!, b: balancedB[1]!, difference: half! },
      },
    },
    credit: {
      name: "credit per item",
      a: meanCredit(everyItem, "a"),
      b: meanCredit(everyItem, "b"),
      difference: credit!,
      test: signFlipTest(sumsByCluster(credits, clusters), { seed: options.seed }),
    },
    mcNemar: comparePairs(first, second),
    disagreements: disagreements(first, credits),
  };
}

function byKey<T extends AskedItem>(items: readonly T[], run: string): Map<string, T> {
  const found = new Map<string, T>();
  for (const item of items) {
    const { key } = item.item;
    if (found.has(key)) throw new InputError(`run ${run} has the item "${key}" twice; every item may be in a run once`);
    found.set(key, item);
  }
  return found;
}

/** The item of B, once it is sure that it is the same as A's. */
function sameData<T extends AskedItem>(a: T, b: T): T {
  const signature = (one: AskedItem) => JSON.stringify([one.scores.length, one.item.subset, one.item.pairs]);
  const otherQuery = a.queryKey !== undefined && b.queryKey !== undefined && a.queryKey !== b.queryKey;
  if (!otherQuery && signature(a) === signature(b)) return b;
  throw new InputError(
    `the item "${a.item.key}" is not the same in both runs (its query, subset, responses or labels differ); compare runs on the same data`,
  );
}

interface Credits {
  a: number | null;
  b: number | null;
}

function sumsByCluster(credits: Credits[], clusters: Int32Array): number[] {
  const sums = new Map<number, number>();
  credits.forEach(({ a, b }, index) => {
    const cluster = clusters[index]!;
    sums.set(cluster, (sums.get(cluster) ?? 0) + (a === null || b === null ? 0 : b - a));
  });
  return [...sums.values()];
}

function comparePairs(first: AskedItem[], second: AskedItem[]): RunComparison["mcNemar"] {
  if (first.length === 0 || first.some(({ item }) => item.pairs.length !== 1)) return null;
  const isRight = ({ item, scores }: AskedItem) => comparePair(scores, ...item.pairs[0]!) === "wins";
  const counts = { both: 0, a: 0, b: 0, none: 0 };
  first.forEach((inA, index) => {
    const [a, b] = [isRight(inA), isRight(second[index]!)];
    counts[a ? (b ? "both" : "a") : b ? "b" : "none"]++;
  });
  return { ...mcNemarTest(counts.a, counts.b), bothRight: counts.both, bothWrong: counts.none };
}

function disagreements(items: AskedItem[], credits: Credits[]): RunComparison["disagreements"] {
  const all = items.flatMap(({ item: { key, subset } }, index) => {
    const { a, b } = credits[index]!;
    return a === null || b === null ? [] : [{ key, subset, a, b }];
  });
  // The sort is stable: equal differences stay in the order of the data.
  return {
    aBetter: all.filter(({ a, b }) => a > b).sort((x, y) => y.a - y.b - (x.a - x.b)),
    bBetter: all.filter(({ a, b }) => b > a).sort((x, y) => y.b - y.a - (x.b - x.a)),
  };
}
