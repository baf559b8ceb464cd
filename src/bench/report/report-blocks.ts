import { type Block, heading, text } from "./blocks.ts";
import { count } from "./format.ts";
import type { BenchmarkReport, Report } from "./report.ts";
import { bestOfNBlocks } from "./sections/best-of-n.ts";
import { controlBlocks } from "./sections/controls.ts";
import { costSection } from "./sections/cost.ts";
import { numberBlocks } from "./sections/numbers.ts";
import { overviewSection, runSection } from "./sections/overview.ts";
import { publishedSection } from "./sections/published.ts";
import { rewardBlocks } from "./sections/rewards.ts";

/** The whole report as blocks, in the order in which it is read. */
export function reportBlocks(report: Report): Block[] {
  return [
    ...overviewSection(report),
    ...report.benchmarks.flatMap(benchmarkSection),
    ...publishedSection(report),
    ...runSection(report),
    ...costSection(report),
  ];
}

function benchmarkSection(benchmark: BenchmarkReport): Block[] {
  const { done, asked, total } = benchmark.items;
  const of = asked < total ? `, a sample of ${count(asked)} out of ${count(total)}` : "";
  return [
    heading(2, benchmark.title),
    text(`${count(done)} items${done < asked ? ` of ${count(asked)} asked for` : ""}${of}.`),
    ...numberBlocks(benchmark),
    ...rewardBlocks(benchmark),
    ...bestOfNBlocks(benchmark),
    ...controlBlocks(benchmark),
  ];
}
