import { type ChartText, chartFrame, label, line, linear, niceTicks, round } from "../../bench/report/charts/frame.ts";
import { count, percent } from "../../bench/report/format.ts";
import { type Markup, markup } from "../../bench/report/markup.ts";
import type { Distribution } from "./report.ts";

export interface CompareHistogram extends ChartText {
  distribution: Distribution;
  xLabel: string;
  xFormat: (value: number) => string;
}

const [width, height, left, right, top, bottom] = [700, 260, 56, 28, 30, 208];

/** Shares of rows by ranges of a number, before and after side by side. Ranges are equally wide whatever they span. */
export function compareHistogram({ distribution, xLabel, xFormat, ...text }: CompareHistogram): Markup {
  const { bins } = distribution;
  const totals = {
    before: Math.max(
      1,
      bins.reduce((sum, bin) => sum + bin.before, 0),
    ),
    after: Math.max(
      1,
      bins.reduce((sum, bin) => sum + bin.after, 0),
    ),
  };
  const share = (bin: Distribution["bins"][number], side: "before" | "after") => bin[side] / totals[side];
  const ticks = niceTicks(0, Math.max(0.01, ...bins.flatMap((bin) => [share(bin, "before"), share(bin, "after")])), 4);
  const x = linear([0, bins.length], [left, width - right]);
  const y = linear([0, ticks.at(-1)!], [bottom, top]);
  const bar = (index: number, side: "before" | "after", series: number) => {
    const bin = bins[index]!;
    const half = (x(1) - x(0) - 4) / 2;
    const title = `${xFormat(bin.low)} to ${xFormat(bin.high)}, ${side}: ${count(bin[side])} (${percent(share(bin, side))} %)`;
    return markup`<rect x="${round(x(index) + 2 + series * half)}" y="${round(y(share(bin, side)))}" width="${round(half)}" height="${round(bottom - y(share(bin, side)))}" class="bar series-${series}"><title>${title}</title></rect>`;
  };
  const every = Math.ceil(bins.length / 12);
  return chartFrame(text, width, height, [
    (["before", "after"] as const).map((name, series) => [
      markup`<rect x="${left + series * 90}" y="6" width="12" height="12" class="bar series-${series}"/>`,
      label(left + 18 + series * 90, 16, name, "tick"),
    ]),
    ticks.map((tick) => [
      line(left, y(tick), width - right, y(tick), "grid"),
      label(left - 8, y(tick) + 4, `${percent(tick, 0)} %`, "tick", "end"),
    ]),
    bins.map((_, index) => [bar(index, "before", 0), bar(index, "after", 1)]),
    line(left, bottom, width - right, bottom, "axis"),
    [...bins.map(({ low }) => low), bins.at(-1)?.high ?? 1]
      .map((edge, index) => ({ edge, index }))
      .filter(({ index }) => index % every === 0)
      .map(({ edge, index }) => label(x(index), bottom + 18, xFormat(edge), "tick", "middle")),
    label((left + width - right) / 2, height - 8, xLabel, "tick", "middle"),
  ]);
}
