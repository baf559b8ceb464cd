import fc from "fast-check";
import { expect, test } from "vitest";
import { withIntervals } from "./index.ts";
import { pairItem, pairItems, reordered, toyBenchmark } from "./test-helpers.ts";

test("every interval holds its number, and belongs to it", async () => {
  await fc.assert(
    fc.asyncProperty(pairItems, fc.nat(), async (items, seed) => {
      const found = await withIntervals(toyBenchmark, items, { seed, resamples: 40 });
      const { result } = found;
      const numbers = [
        [result.headline.value, found.headline],
        ...(["sections", "subsets"] as const).flatMap((kind) =>
          result[kind].flatMap((row, index) =>
            (["value", "strict", "half", "tieRate"] as const).map((key) => [row[key], found[kind][index]![key]]),
          ),
        ),
        ...(["strict", "half", "tieRate"] as const).map((key) => [result.pairs[key], found.pairs[key]]),
      ] as [number | null, { estimate: number; low: number; high: number } | null][];
      expect(new Set(items.map(({ queryKey }) => queryKey)).size).toBe(found.clusters);
      for (const [value, interval] of numbers) {
        if (found.clusters < 2 || value === null) expect(interval).toBeNull();
        else if (interval !== null) {
          expect(interval.estimate).toBe(value);
          expect(interval.low).toBeLessThanOrEqual(value);
          expect(interval.high).toBeGreaterThanOrEqual(value);
        }
      }
      if (found.clusters >= 2) expect(found.headline).not.toBeNull();
    }),
    { numRuns: 40 },
  );
});

test("the order of the items changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(pairItems, fc.nat(1000), async (items, seed) => {
      const options = { seed, resamples: 20 };
      const other = await withIntervals(toyBenchmark, reordered(items, seed), options);
      expect(other).toEqual(await withIntervals(toyBenchmark, items, options));
    }),
    { numRuns: 40 },
  );
});

test("an interval of 100 independent pairs has the width of the binomial, and of 10 queries of ten equal rows that of 10", async () => {
  const scores = (row: number): [number, number] => (row % 10 < 7 ? [8, 4] : [4, 8]);
  const rows = Array.from({ length: 100 }, (_, row) => row);
  const single = await withIntervals(
    toyBenchmark,
    rows.map((row) => pairItem(row, scores(row))),
    { seed: 1 },
  );
  expect(single).toMatchObject({ clusters: 100, resamples: 2000, level: 0.95 });
  expect(single.headline!.standardError).toBeCloseTo(Math.sqrt((0.7 * 0.3) / 100), 2);
  expect(single.headline!.low).toBeCloseTo(0.61, 1);
  const repeated = rows.map((row) => pairItem(row, scores(row), { queryKey: `q${row % 10}` }));
  const clustered = await withIntervals(toyBenchmark, repeated, { seed: 1 });
  expect(clustered.clusters).toBe(10);
  expect(clustered.headline!.standardError).toBeCloseTo(Math.sqrt((0.7 * 0.3) / 10), 2);
});

test("items of a benchmark's own cluster go together even when their queries differ", async () => {
  const items = Array.from({ length: 6 }, (_, row) => {
    const item = pairItem(row, [1, 0]);
    return { ...item, item: { ...item.item, cluster: `c${row % 3}` } };
  });
  expect(await withIntervals(toyBenchmark, items, { seed: 1, resamples: 10 })).toMatchObject({ clusters: 3 });
});

test("a long calculation ends soon after its signal, and tells how far it is", async () => {
  const items = Array.from({ length: 300 }, (_, row) => pairItem(row, [row % 3, 1]));
  const controller = new AbortController();
  const seen: number[] = [];
  const running = withIntervals(toyBenchmark, items, {
    seed: 1,
    resamples: 10_000_000,
    signal: controller.signal,
    onProgress: (done, total) => {
      seen.push(done / total);
      if (seen.length === 2) setTimeout(() => controller.abort(new Error("enough")), 1);
    },
  });
  await expect(running).rejects.toThrow("enough");
  expect(seen[1]).toBeGreaterThan(seen[0]!);
});
