import { count } from "../format.ts";
import { type Markup, markup } from "../markup.ts";
import { type ChartText, chartFrame, label, line, linear, niceTicks, round } from "./frame.ts";

export interface Histogram extends ChartText {
  /** Ascending, without gaps. */
  bins: { low: number; high: number; count: number }[];
  xLabel: string;
  xFormat: (value: number) => string;
}

const [width, height, left, right, top, bottom] = [700, 260, 64, 16, 12, 208];

/** Vertical bars of counts over ranges of a value. */
export function histogram(chart: Histogram): Markup {
  const { bins } = chart;
  const [low, high] = [bins[0]!.low, bins.at(-1)!.high];
  const ticks = niceTicks(0, Math.max(1, ...bins.map((bin) => bin.count)), 4).filter(Number.isInteger);
  const x = linear([low, high], [left, width - right]);
  const y = linear([0, ticks.at(-1)!], [bottom, top]);
  return chartFrame(chart, width, height, [
    ticks.map((tick) => [
      line(left, y(tick), width - right, y(tick), "grid"),
      label(left - 8, y(tick) + 4, count(tick), "tick", "end"),
    ]),
    bins.map((bin) => {
      const range = `${chart.xFormat(bin.low)} to ${chart.xFormat(bin.high)}: ${count(bin.count)}`;
      return markup`<rect x="${round(x(bin.low) + 1)}" y="${round(y(bin.count))}" width="${round(Math.max(1, x(bin.high) - x(bin.low) - 2))}" height="${round(bottom - y(bin.count))}" class="bar series-0"><title>${range}</title></rect>`;
    }),
    line(left, bottom, width - right, bottom, "axis"),
    niceTicks(low, high, 10)
      .filter((tick) => tick >= low && tick <= high)
      .map((tick) => label(x(tick), bottom + 18, chart.xFormat(tick), "tick", "middle")),
    label((left + width - right) / 2, height - 8, chart.xLabel, "tick", "middle"),
  ]);
}
