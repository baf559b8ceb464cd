import { Markup, type MarkupValue, markup } from "../markup.ts";

/** What every chart says about itself. */
export interface ChartText {
  /** Unique in the page. */
  id: string;
  title: string;
  /** What is to be seen, in a sentence or two, for those who do not see it. */
  description: string;
}

/** The SVG element around a chart, with title and description for screen readers. Lengths are in its own pixels. */
export function chartFrame(text: ChartText, width: number, height: number, content: MarkupValue): Markup {
  const { id, title, description } = text;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${id}-title ${id}-description"><title id="${id}-title">${title}</title><desc id="${id}-description">${description}</desc>${content}</svg>`;
}

/** A label; `x` and `y` place its baseline. */
export function label(
  x: number,
  y: number,
  text: string,
  kind = "",
  anchor: "start" | "middle" | "end" = "start",
): Markup {
  return markup`<text x="${round(x)}" y="${round(y)}" class="${kind}" text-anchor="${anchor}">${text}</text>`;
}

/** A straight line. */
export function line(x1: number, y1: number, x2: number, y2: number, kind: string): Markup {
  return markup`<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" class="${kind}"/>`;
}

/** An interval as a line with end marks, along x or y. */
export function whisker(axis: "x" | "y", from: number, to: number, across: number): Markup {
  const path =
    axis === "x"
      ? `M${round(from)} ${round(across - 4)}v8m0 -4H${round(to)}m0 -4v8`
      : `M${round(across - 4)} ${round(from)}h8m-4 0V${round(to)}m-4 0h8`;
  return markup`<path d="${new Markup(path)}" class="whisker"/>`;
}

/** Coordinates to a tenth of a pixel: enough to look at, and a third of the bytes. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** A text of at most `limit` characters, its end cut. */
export function cut(text: string, limit: number): string {
  const characters = Array.from(text);
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join("")}…`;
}

/** A map from values to pixels. */
export function linear(
  [fromLow, fromHigh]: [number, number],
  [toLow, toHigh]: [number, number],
): (value: number) => number {
  const span = fromHigh - fromLow || 1;
  return (value) => toLow + ((value - fromLow) / span) * (toHigh - toLow);
}

/** About `wanted` round values that span `low` to `high`, both ends inside. */
export function niceTicks(low: number, high: number, wanted = 5): number[] {
  if (!(high - low > 1e-12 * Math.max(1, Math.abs(low), Math.abs(high))))
    return niceTicks(low - 0.5, high + 0.5, wanted);
  const raw = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw * 0.999)!;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}
