import type { Benchmark, BenchResult } from "../benchmark.ts";
import { findBenchmark } from "../benchmarks.ts";
import type { TwoOrders } from "../two-orders.ts";
import { countPairwise, type PairwiseCounts, twoOrdersOf } from "./pairwise-counts.ts";
import { type OpenedRun, type ScoreKind, scoresByBenchmark } from "./read-run.ts";

/** What a run came to for one benchmark so far. */
export interface BenchmarkSummary {
  name: string;
  /** Items with a result, items chosen, items of the whole data. */
  items: { done: number; chosen: number; total: number };
  /** Responses without a score; mode pairwise: verdicts that are missing. */
  unscored: number;
  /** The official numbers by each kind of score; none in mode pairwise. `expected` only where a score is known. */
  results: Partial<Record<ScoreKind, BenchResult>>;
  /** Mode pairwise: all pairs, and those of each subset. */
  pairwise?: PairwiseCounts & { subsets: ({ name: string } & PairwiseCounts)[] };
}

/** The numbers of a run, benchmark by benchmark. `find` gives a benchmark by its name. */
export async function summariseRun(
  opened: OpenedRun,
  find: (name: string) => Benchmark = findBenchmark,
): Promise<BenchmarkSummary[]> {
  const { run } = opened;
  if (run.mode === "pairwise") return summarisePairwise(opened);
  const hard = await scoresByBenchmark(opened, "hard");
  const expected = await scoresByBenchmark(opened, "expected");
  return run.benchmarks.map(({ name, items, total }) => {
    const [written, probable] = [hard.get(name)!, expected.get(name)!];
    const official = find(name).score(written);
    const results: BenchmarkSummary["results"] = { hard: official };
    if (probable.some(({ scores }) => scores.some((score) => score !== null)))
      results.expected = find(name).score(probable);
    return {
      name,
      items: { done: written.length, chosen: items, total },
      unscored: official.unscored.responses,
      results,
    };
  });
}

async function summarisePairwise({ run, items }: OpenedRun): Promise<BenchmarkSummary[]> {
  const found = new Map(run.benchmarks.map(({ name }) => [name, { done: 0, subsets: new Map<string, TwoOrders[]>() }]));
  for await (const item of items) {
    const own = found.get(item.benchmark);
    if (own === undefined) continue;
    own.done++;
    const pairs = own.subsets.get(item.subset) ?? [];
    pairs.push(...twoOrdersOf(item));
    own.subsets.set(item.subset, pairs);
  }
  return run.benchmarks.map(({ name, items: chosen, total }) => {
    const { done, subsets } = found.get(name)!;
    const parts = [...subsets].sort(([a], [b]) => (a < b ? -1 : 1));
    const all = countPairwise(parts.flatMap(([, pairs]) => pairs));
    return {
      name,
      items: { done, chosen, total },
      unscored: all.nulls,
      results: {},
      pairwise: {
        ...all,
        subsets: parts.map(([subset, pairs]) => ({ name: subset, ...countPairwise(pairs) })),
      },
    };
  });
}
