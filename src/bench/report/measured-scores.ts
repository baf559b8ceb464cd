import { codePoints, type MeasuredItem, queryKey } from "../analysis/index.ts";
import type { Benchmark, ScoredItem } from "../benchmark.ts";
import { type ScoreBenchmarkOptions, scoreBenchmark } from "../score-benchmark.ts";

/**
 * A benchmark's items with the scores of a scores file and what analysis needs of their texts. Throws `InputError` where
 * data or scores are faulty, as scoring does.
 */
export async function measuredScores(benchmark: Benchmark, options: ScoreBenchmarkOptions): Promise<MeasuredItem[]> {
  const measures = new Map<string, Pick<MeasuredItem, "queryKey" | "lengths">>();
  let scored: ScoredItem[] = [];
  await scoreBenchmark(
    {
      ...benchmark,
      async *load(path, load) {
        for await (const item of benchmark.load(path, load)) {
          measures.set(item.key, {
            queryKey: queryKey(item.query),
            lengths: item.responses.map(({ text }) => codePoints(text)),
          });
          yield item;
        }
      },
      score(items) {
        scored = items;
        return benchmark.score(items);
      },
    },
    options,
  );
  return scored.map((item) => ({ ...item, ...measures.get(item.item.key)! }));
}
