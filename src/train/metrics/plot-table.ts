import { sparkline } from "./sparkline.ts";

/** A series to plot: one value a step, gaps where a step has none. */
export interface PlotSeries {
  label: string;
  values: readonly (number | undefined)[];
  /** Default: three significant digits. */
  format?: (value: number) => string;
}

/** One line a series: label, last value, plot, range. Series without any value are left out. */
export function plotTable(series: readonly PlotSeries[], columns: number): string[] {
  const shown = series.flatMap(({ label, values, format = short }) => {
    const numbers = values.filter((value) => Number.isFinite(value)) as number[];
    if (numbers.length === 0) return [];
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)].map(format);
    return [{ label, values, last: format(numbers.at(-1)!), range: `${low} to ${high}` }];
  });
  const widthOf = (of: (one: (typeof shown)[number]) => string) => Math.max(0, ...shown.map((one) => of(one).length));
  const [labels, lasts, ranges] = [
    widthOf(({ label }) => label),
    widthOf(({ last }) => last),
    widthOf(({ range }) => range),
  ];
  const width = Math.max(8, Math.min(60, columns - labels - lasts - ranges - 7));
  return shown.map(({ label, values, last, range }) => {
    const plot = sparkline(values, width).padEnd(width);
    return `${label.padEnd(labels)}  ${last.padStart(lasts)}  ${plot}  ${range}`.slice(0, columns - 1).trimEnd();
  });
}

function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return String(Math.round(value));
  if (size !== 0 && size < 0.001) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}
