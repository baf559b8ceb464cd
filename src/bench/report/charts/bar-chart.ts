import { type Estimate, percent } from "../format.ts";
import { type Markup, markup } from "../markup.ts";
import { type ChartText, chartFrame, cut, label, line, linear, niceTicks, round, whisker } from "./frame.ts";

export interface BarChart extends ChartText {
  /** Names of the bars of every row. */
  series: string[];
  /** One estimate per series; a share each. */
  rows: { label: string; values: Estimate[] }[];
  /** A line to compare with, such as chance. */
  reference?: { value: number; label: string };
}

const [width, left, right] = [700, 210, 60];
const barHeight = 14;

/** Horizontal bars of shares with their intervals, one row per label. */
export function barChart(chart: BarChart): Markup {
  const { series, rows, reference } = chart;
  const ends = rows.flatMap((row) => row.values.flatMap(({ value, low, high }) => [value ?? 0, low ?? 0, high ?? 0]));
  const ticks = niceTicks(Math.min(0, ...ends), Math.max(1, ...ends.map((end) => end - 0.02)));
  const x = linear([ticks[0]!, ticks.at(-1)!], [left, width - right]);
  const rowHeight = series.length * barHeight + 10;
  const top = series.length > 1 ? 28 : 8;
  const bottom = top + rows.length * rowHeight;
  const grid = ticks.map((tick) => [
    line(x(tick), top, x(tick), bottom, "grid"),
    label(x(tick), bottom + 16, percent(tick, 0), "tick", "middle"),
  ]);
  const bars = rows.map((row, index) => {
    const rowTop = top + index * rowHeight + 5;
    const middle = rowTop + (series.length * barHeight) / 2;
    return [
      markup`<g><title>${row.label}</title>${label(left - 8, middle + 4, cut(row.label, 30), "", "end")}</g>`,
      row.values.map((estimate, place) => bar(estimate, rowTop + place * barHeight, place, x)),
    ];
  });
  return chartFrame(chart, width, bottom + (reference === undefined ? 24 : 40), [
    grid,
    bars,
    line(x(0), top, x(0), bottom, "axis"),
    reference !== undefined && [
      line(x(reference.value), top, x(reference.value), bottom, "reference"),
      label(x(reference.value), bottom + 32, reference.label, "tick", "middle"),
    ],
    series.length > 1 && legend(series),
  ]);
}

function bar({ value, low, high }: Estimate, top: number, series: number, x: (value: number) => number): Markup {
  const middle = top + barHeight / 2;
  if (value === null) return label(x(0) + 6, middle + 4, "not available", "tick");
  const [from, to] = [Math.min(x(0), x(value)), Math.max(x(0), x(value))];
  const interval = low !== null && high !== null;
  return markup`<rect x="${round(from)}" y="${round(top + 1)}" width="${round(to - from)}" height="${barHeight - 2}" class="bar series-${series}"/>${interval && whisker("x", x(low), x(high), middle)}${label(Math.max(to, interval ? x(high) : 0) + 8, middle + 4, percent(value), "value")}`;
}

function legend(series: string[]): Markup[] {
  return series.map(
    (name, index) =>
      markup`<rect x="${left + index * 130}" y="6" width="12" height="12" class="bar series-${index}"/>${label(left + 18 + index * 130, 16, name, "tick")}`,
  );
}
