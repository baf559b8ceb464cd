import { expect, test } from "vitest";
import { temporaryFolder } from "../../../data/test-helpers.ts";
import { buildReport } from "../build-report.ts";
import type { BenchmarkReport } from "../report.ts";
import { writeFixtureRun } from "../testing/fixture-run.ts";
import { lengthBlocks } from "./length.ts";

const estimate = (value: number | null) => ({ value, low: null, high: null });
const both = (strict: number | null, half: number | null) => ({ strict: estimate(strict), half: estimate(half) });

async function llmbarReport(): Promise<BenchmarkReport> {
  const directory = await temporaryFolder();
  await writeFixtureRun(directory, { benchmarks: ["llmbar"] });
  return (await buildReport(directory, { resamples: 20 })).benchmarks[0]!;
}

test("the length-balanced number stands above its halves, for each kind of score", async () => {
  const report = await llmbarReport();
  const table = lengthBlocks(report).flatMap((block) => (block.kind === "table" ? [block.table] : []))[0]!;
  expect(table.emphasised).toEqual([0, 1]);
  expect(table.rows.map(([name, kind]) => `${name}, ${kind}`)).toEqual([
    ...["length-balanced: mean of both, hard", "length-balanced: mean of both, expected"],
    ...["better response is the longer one, hard", "better response is the longer one, expected"],
    ...["better response is the shorter one, hard", "better response is the shorter one, expected"],
  ]);
});

test("an empty half is told, and no number made of it", async () => {
  const report = await llmbarReport();
  const length = { betterLonger: { pairs: 3, ...both(1, 1) }, betterShorter: { pairs: 0, ...both(null, null) } };
  report.scores = {
    hard: { ...report.scores.hard!, length: { ...length, equalLength: 2, balanced: both(null, null) } },
  };
  const text = JSON.stringify(lengthBlocks(report));
  expect(text).toContain("Left out: 2 pairs of equal length. There is no length-balanced accuracy: in no pair is the");
  expect(text).toContain("the better response the shorter one.");
  expect(text).toContain('["length-balanced: mean of both","hard","n/a","n/a","3"]');
  expect(text).not.toContain("NaN");
});
