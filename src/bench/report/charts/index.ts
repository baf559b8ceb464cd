export * from "./bar-chart.ts";
export type { ChartText } from "./frame.ts";
export * from "./heat-map.ts";
export * from "./histogram.ts";
export * from "./line-chart.ts";
