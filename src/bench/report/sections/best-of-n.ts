import { type BestOfNPoint, type Picker, pickers } from "../../analysis/best-of-n.ts";
import { type Block, heading, type Table, table } from "../blocks.ts";
import { lineChart } from "../charts/index.ts";
import { count, fixed } from "../format.ts";
import type { BenchmarkReport } from "../report.ts";

const names: Record<Picker, string> = {
  judge: "judge",
  oracle: "oracle",
  random: "random",
  longer: "longest response",
  shorter: "shortest response",
};

/** Expected quality of the response picked among n, against oracle, chance and length. */
export function bestOfNBlocks({ name, title, bestOfN }: BenchmarkReport): Block[] {
  if (bestOfN === null) return [];
  const series = pickers.map((picker) => ({
    name: names[picker],
    points: bestOfN.flatMap(({ n, quality }) => {
      const { value, interval } = quality[picker];
      return value === null
        ? []
        : [{ x: n, y: value, ...(picker === "judge" ? { low: interval?.low, high: interval?.high } : {}) }];
    }),
  }));
  const chart = lineChart({
    id: `${name}-best-of-n`,
    title: `${title}: Best-of-N`,
    description:
      "Expected quality of the response that is picked among n candidates, by the judge, by an oracle, at random, and by length.",
    x: { label: "candidates", scale: "log2", ticks: bestOfN.map(({ n }) => n), format: String },
    y: { label: "quality of the pick", format: (value) => fixed(value, 2) },
    series,
  });
  const caption =
    "Expected quality by the benchmark's labels, exact over all subsets of n candidates; equal scores share the pick, unscored responses come last. The band is the judge's 95 % interval over queries.";
  return [heading(3, "Best-of-N"), { kind: "figures", figures: [{ chart, caption, table: bestOfNTable(bestOfN) }] }];
}

/** The curves as a table, one row per n. */
export function bestOfNTable(points: BestOfNPoint[]): Table {
  const columns = ["#N", "#Items", ...pickers.map((picker) => `#${names[picker]}`)];
  return table(
    columns,
    points.map(({ n, items, quality }) => [
      count(n),
      count(items),
      ...pickers.map((picker) => {
        const { value, interval } = quality[picker];
        return picker === "judge" && interval !== null
          ? `${fixed(value, 3)} [${fixed(interval.low, 3)}, ${fixed(interval.high, 3)}]`
          : fixed(value, 3);
      }),
    ]),
  );
}
