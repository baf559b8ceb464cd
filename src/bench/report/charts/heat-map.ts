import { percent } from "../format.ts";
import { type Markup, markup } from "../markup.ts";
import { type ChartText, chartFrame, label } from "./frame.ts";

export interface HeatMap extends ChartText {
  rows: { title: string; labels: string[] };
  columns: { title: string; labels: string[] };
  /** Shares, `cells[row][column]`. */
  cells: number[][];
}

const [cellWidth, cellHeight, left, top] = [92, 52, 116, 44];

/** A table of shares whose cells are the darker the higher the share; every cell shows its number. */
export function heatMap(chart: HeatMap): Markup {
  const { rows, columns, cells } = chart;
  const width = left + columns.labels.length * cellWidth + 4;
  const height = top + rows.labels.length * cellHeight + 4;
  return chartFrame(chart, width, height, [
    label(left + (columns.labels.length * cellWidth) / 2, 14, columns.title, "tick", "middle"),
    label(0, top - 10, rows.title, "tick"),
    columns.labels.map((name, column) => label(left + (column + 0.5) * cellWidth, top - 10, name, "", "middle")),
    rows.labels.map((name, row) => [
      label(left - 10, top + (row + 0.5) * cellHeight + 4, name, "", "end"),
      cells[row]!.map((value, column) => {
        const [x, y] = [left + column * cellWidth, top + row * cellHeight];
        // Where the ground is deep enough for the other text colour differs between light and dark pages.
        const text = value > 0.8 ? "deep" : value > 0.55 ? "middling" : "";
        return markup`<rect x="${x + 1}" y="${y + 1}" width="${cellWidth - 2}" height="${cellHeight - 2}" class="cell" fill-opacity="${(0.06 + 0.94 * Math.min(1, Math.max(0, value))).toFixed(3)}"/>${label(x + cellWidth / 2, y + cellHeight / 2 + 5, percent(value), `cell-value ${text}`, "middle")}`;
      }),
    ]),
  ]);
}
