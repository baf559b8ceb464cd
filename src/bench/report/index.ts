export { type BuildReportOptions, buildReport } from "./build-report.ts";
export { type PublishedNumber, publishedFor, publishedNumbers } from "./published-numbers.ts";
export { type RenderHtmlOptions, renderHtml } from "./render-html.ts";
export { renderMarkdown } from "./render-markdown.ts";
export type * from "./report.ts";
export { type WrittenReport, writeReport } from "./write-report.ts";
