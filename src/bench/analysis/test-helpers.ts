import fc from "fast-check";
import type { Benchmark, ItemScores } from "../benchmark.ts";
import { buildResult, groupBy } from "../build-result.ts";
import { pairAccuracyOf } from "../pair-accuracy.ts";
import type { MeasuredItem } from "./measured-item.ts";

/** A benchmark of pairs: headline is the mean of its subsets' strict accuracies. */
export const toyBenchmark: Pick<Benchmark, "score"> = {
  score: (items) => {
    const strict = (members: typeof items) => pairAccuracyOf(members).strict;
    const values = [...groupBy(items, ({ item }) => item.subset)].map(([name, members]) => ({
      name,
      value: strict(members),
      items: members.length,
      ...pairAccuracyOf(members),
      tieRule: "strict",
    }));
    const known = values.flatMap(({ value }) => (value === null ? [] : [value]));
    const headline = known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
    return buildResult("toy", items, {
      headline: { name: "accuracy", value: headline, tieRule: "strict" },
      sections: values,
      subsetValue: strict,
      unscoredRule: "wrong",
    });
  },
};

/** A pair item, the better response first. */
export function pairItem(row: number, scores: ItemScores, parts: Partial<MeasuredItem> & { subset?: string } = {}) {
  const { subset = "all", ...rest } = parts;
  const item = { key: `data.jsonl#${row}`, subset, quality: [1, 0], pairs: [[0, 1]] as [number, number][], label: {} };
  return { item, scores, queryKey: `q${row}`, lengths: scores.map(() => 10), ...rest } satisfies MeasuredItem;
}

const score = fc.option(
  fc.integer({ min: 0, max: 20 }).map((step) => step / 2),
  { freq: 8 },
);

/** Lists of pair items over two subsets, some sharing a query. */
export const pairItems = fc
  .array(fc.tuple(score, score, fc.constantFrom("easy", "hard"), fc.nat(6), fc.nat(40), fc.nat(40)), {
    minLength: 1,
    maxLength: 14,
  })
  .map((rows) =>
    rows.map(([first, second, subset, query, a, b], row) =>
      pairItem(row, [first, second], { subset, queryKey: `q${query}`, lengths: [a, b] }),
    ),
  );

/** Items with up to eight graded candidates. */
export const gradedItems = fc
  .array(fc.array(fc.tuple(score, fc.nat(3), fc.nat(30)), { minLength: 1, maxLength: 8 }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((items) =>
    items.map((responses, row): MeasuredItem => {
      const item = pairItem(row, []).item;
      return {
        item: { ...item, quality: responses.map((response) => response[1]), pairs: [] },
        scores: responses.map((response) => response[0]),
        queryKey: `q${row % 5}`,
        lengths: responses.map((response) => response[2]),
      };
    }),
  );

/** The same elements in another, given order. */
export function reordered<T>(values: readonly T[], seed: number): T[] {
  return values
    .map((value, index) => ({ value, place: Math.sin(seed + index * 78.233) }))
    .sort((a, b) => a.place - b.place)
    .map(({ value }) => value);
}
