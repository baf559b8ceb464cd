export { type ExportOptions, type ExportResult, exportAdapter } from "./export-adapter.ts";
export type { ExportFormat } from "./model-card.ts";
