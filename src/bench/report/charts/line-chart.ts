import { Markup, markup } from "../markup.ts";
import { type ChartText, chartFrame, label, line, linear, niceTicks, round, whisker } from "./frame.ts";

export interface LinePoint {
  x: number;
  y: number;
  low?: number | null;
  high?: number | null;
}

export interface LineChart extends ChartText {
  x: { label: string; ticks?: number[]; scale?: "linear" | "log2"; format: (value: number) => string };
  y: { label: string; format: (value: number) => string; domain?: [number, number] };
  series: { name: string; points: LinePoint[] }[];
  /** How intervals are drawn. Default `"band"`. */
  intervals?: "band" | "whisker";
  /** A horizontal line to compare with. */
  reference?: { value: number; label: string };
}

const [width, height] = [700, 320];
const [left, right, top, bottom] = [64, 150, 16, 268];

/** Lines through points, each named at its end; told apart by dashes and marks as well as by colour. */
export function lineChart(chart: LineChart): Markup {
  const { series, reference } = chart;
  const points = series.flatMap((each) => each.points);
  const transform = chart.x.scale === "log2" ? Math.log2 : (value: number) => value;
  const xs = points.map((point) => transform(point.x));
  const ys = points.flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]);
  const spread = [...ys, ...(reference === undefined ? [] : [reference.value])];
  const yTicks = niceTicks(...(chart.y.domain ?? [Math.min(...spread), Math.max(...spread)]));
  const toX = linear([Math.min(...xs), Math.max(...xs)], [left + 10, width - right]);
  const x = (value: number) => toX(transform(value));
  const y = linear([yTicks[0]!, yTicks.at(-1)!], [bottom, top]);
  const xTicks =
    chart.x.ticks ??
    niceTicks(Math.min(...xs), Math.max(...xs)).filter(
      (tick) => tick >= Math.min(...xs) - 1e-9 && tick <= Math.max(...xs) + 1e-9,
    );
  return chartFrame(chart, width, height, [
    yTicks.map((tick) => [
      line(left, y(tick), width - right + 6, y(tick), "grid"),
      label(left - 8, y(tick) + 4, chart.y.format(tick), "tick", "end"),
    ]),
    xTicks.map((tick) => label(x(tick), bottom + 18, chart.x.format(tick), "tick", "middle")),
    line(left, bottom, width - right + 6, bottom, "axis"),
    label((left + width - right) / 2, height - 8, chart.x.label, "tick", "middle"),
    markup`<text transform="rotate(-90)" x="${-(top + bottom) / 2}" y="16" class="tick" text-anchor="middle">${chart.y.label}</text>`,
    reference !== undefined && [
      line(left, y(reference.value), width - right + 6, y(reference.value), "reference"),
      label(width - right + 10, y(reference.value) + 4, reference.label, "tick"),
    ],
    series.map((each, index) => oneLine(each.points, index, { x, y, intervals: chart.intervals ?? "band" })),
    endLabels(series, reference === undefined ? [] : [y(reference.value)], y),
  ]);
}

function oneLine(
  points: LinePoint[],
  index: number,
  { x, y, intervals }: { x: (value: number) => number; y: (value: number) => number; intervals: "band" | "whisker" },
): Markup {
  const known = points.filter(
    (point) => typeof point.low === "number" && typeof point.high === "number",
  ) as Required<LinePoint>[];
  const path = (list: [number, number][]) => new Markup(list.map(([px, py]) => `${round(px)},${round(py)}`).join(" "));
  const band = path([
    ...known.map((point): [number, number] => [x(point.x), y(point.high!)]),
    ...known.toReversed().map((point): [number, number] => [x(point.x), y(point.low!)]),
  ]);
  return markup`<g>${
    intervals === "band"
      ? known.length > 1 && markup`<polygon points="${band}" class="band series-${index}"/>`
      : known.map((point) => whisker("y", y(point.low!), y(point.high!), x(point.x)))
  }<polyline points="${path(points.map((point) => [x(point.x), y(point.y)]))}" class="line series-${index}"/>${points.map(
    (point) => markup`<circle cx="${round(x(point.x))}" cy="${round(y(point.y))}" r="3" class="mark series-${index}"/>`,
  )}</g>`;
}

/** Names at the ends of the lines, moved apart where they would cover each other. */
function endLabels(series: LineChart["series"], taken: number[], y: (value: number) => number): Markup[] {
  if (series.length < 2) return [];
  const ends = series
    .map((each, index) => ({ name: each.name, index, at: y(each.points.at(-1)?.y ?? 0) }))
    .sort((a, b) => a.at - b.at);
  let last = Number.NEGATIVE_INFINITY;
  for (const end of ends) {
    end.at = Math.max(end.at, last + 15);
    for (const other of taken) if (Math.abs(end.at - other) < 15) end.at = other + 15;
    last = end.at;
  }
  const overflow = Math.max(0, last - (bottom + 4));
  return ends.map((end) => label(width - right + 10, end.at - overflow + 4, end.name, `name series-${end.index}`));
}
