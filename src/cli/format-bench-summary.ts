import type { BenchmarkSummary } from "../bench/run/index.ts";
import { formatTable } from "./table.ts";

/** The numbers for people, in percent: one row for each benchmark and kind of score. */
export function formatBenchSummary(benchmarks: BenchmarkSummary[]): string {
  const pairwise = benchmarks.some((benchmark) => benchmark.pairwise !== undefined);
  return pairwise ? pairwiseTable(benchmarks) : scoreTable(benchmarks);
}

function scoreTable(benchmarks: BenchmarkSummary[]): string {
  const rows = benchmarks.flatMap(({ name, items, results }) =>
    Object.entries(results).map(([score, { headline, pairs, unscored, responses }]) => [
      name,
      done(items),
      score,
      ...[headline.value, pairs.strict, pairs.half, pairs.tieRate].map(percent),
      `${unscored.responses} of ${responses}`,
    ]),
  );
  const table = formatTable(["BENCHMARK", "ITEMS", "SCORE", "HEADLINE", "STRICT", "HALF", "TIES", "UNSCORED"], rows);
  const headlines = benchmarks.map(({ name, results }) => `${name}: ${results.hard!.headline.name}`);
  return `${table}\n\nPercent. HEADLINE: ${headlines.join("; ")}. STRICT, HALF: pair accuracy where equal scores earn 0 or 1/2.`;
}

function pairwiseTable(benchmarks: BenchmarkSummary[]): string {
  const rows = benchmarks.map(({ name, items, pairwise }) => [
    name,
    done(items),
    String(pairwise!.pairs),
    ...[pairwise!.accuracy, pairwise!.consistency, pairwise!.alwaysFirst, pairwise!.alwaysSecond].map(percent),
    `${pairwise!.nulls} of ${2 * pairwise!.pairs}`,
  ]);
  const header = ["BENCHMARK", "ITEMS", "PAIRS", "TWO ORDERS", "CONSISTENT", "FIRST", "SECOND", "NO VERDICT"];
  return `${formatTable(header, rows)}\n\nPercent of pairs. TWO ORDERS: the two verdicts sum up for the better response. FIRST, SECOND: that place wins in both orders.`;
}

function done({ done: count, chosen, total }: BenchmarkSummary["items"]): string {
  return count === chosen ? `${count} of ${total}` : `${count} of ${chosen} chosen`;
}

function percent(value: number | null): string {
  return value === null ? "-" : (value * 100).toFixed(2);
}
