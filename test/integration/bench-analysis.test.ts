import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  bestOfN,
  compareRuns,
  lengthBalance,
  lengthExplained,
  lengthRuler,
  type MeasuredItem,
  measureItem,
  shuffledNumbers,
  withIntervals,
} from "../../src/bench/analysis/index.ts";
import { findBenchmark } from "../../src/bench/benchmarks.ts";
import { sharedDataPath } from "../shared-data.ts";

const folder = sharedDataPath();
if (folder === undefined) console.warn("bench-analysis: skipped, there is no shared data (set CERM_SHARED_DATA)");

async function measured(name: string, path: string): Promise<MeasuredItem[]> {
  const items: MeasuredItem[] = [];
  for await (const item of findBenchmark(name).load(join(folder!, path)))
    items.push(measureItem(item, Array<null>(item.responses.length).fill(null)));
  return items;
}

describe.skipIf(folder === undefined)("real data", () => {
  test("RM-Bench chat by length: the interval is around the reference number, and both rulers mirror each other", async () => {
    const benchmark = findBenchmark("rm-bench");
    const { longer, shorter } = lengthRuler(await measured("rm-bench", "rm-bench/chat_filtered.json"));
    const started = performance.now();
    const found = await withIntervals(benchmark, longer, { seed: 1 });
    const seconds = (performance.now() - started) / 1000;
    const chat = found.subsets[0]!;
    expect(found.result.subsets[0]!.value).toBeCloseTo(0.373816, 6);
    expect(chat.value!.estimate).toBe(found.result.subsets[0]!.value);
    expect(chat.value!.high - chat.value!.low).toBeGreaterThan(0.02);
    expect(chat.value!.high - chat.value!.low).toBeLessThan(0.08);
    expect(found.clusters).toBeGreaterThan(100);
    expect(seconds).toBeLessThan(30);

    const compared = await compareRuns(benchmark, longer, shorter, { seed: 1, resamples: 200 });
    expect(compared.credit.b! - compared.credit.a!).toBeGreaterThan(0.2);
    expect(compared.credit.test.p).toBeLessThan(0.001);
    expect(compared.mcNemar).toBeNull();

    expect(lengthExplained(longer).rSquared).toBeCloseTo(1, 9);
    const balance = await lengthBalance(longer, { seed: 1, resamples: 100 });
    expect(balance.balanced.strict.value).toBe(0.5);
    expect(balance.betterShorter).toMatchObject({ strict: { value: 0, interval: { low: 0, high: 0 } } });
    expect(compared.lengthBalanced.strict).toMatchObject({ a: 0.5, b: 0.5 });
    const [one, six] = bestOfN(longer, [1, 6], { seed: 1, resamples: 100 });
    // Half of the six responses are right ones; length alone does worse than chance with all six.
    expect(one!.quality.judge.value).toBeCloseTo(0.5, 9);
    expect(six!.quality.judge.value).toBe(six!.quality.longer.value);
    expect(six!.quality.judge.value!).toBeLessThan(0.5);
    expect(six!.quality.oracle.value).toBe(1);
  });

  test("JudgeBench by length: clusters are questions, and shuffled labels come to one half less ties", async () => {
    const benchmark = findBenchmark("judgebench");
    const { longer } = lengthRuler(await measured("judgebench", "judgebench"));
    const found = await withIntervals(benchmark, longer, { seed: 1, resamples: 200 });
    expect(found.clusters).toBeLessThanOrEqual(longer.length);
    expect(found.headline!.low).toBeLessThan(found.result.headline.value!);
    expect(found.headline!.high).toBeGreaterThan(found.result.headline.value!);
    const { headline: shuffled } = await shuffledNumbers(benchmark, longer, { seed: 1, resamples: 100 });
    expect(Math.abs(shuffled.mean! - (1 - found.result.pairs.tieRate!) / 2)).toBeLessThan(0.02);
  });
});
