export { type PlotSeries, plotTable } from "./plot-table.ts";
export { sparkline } from "./sparkline.ts";
