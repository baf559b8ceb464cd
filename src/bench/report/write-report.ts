import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readRun } from "../run/index.ts";
import { type BuildReportOptions, buildReport } from "./build-report.ts";
import { type RenderHtmlOptions, renderHtml } from "./render-html.ts";
import { renderMarkdown } from "./render-markdown.ts";
import type { Report } from "./report.ts";

/** Where a report was written. */
export interface WrittenReport {
  report: Report;
  files: { json: string; markdown: string; html: string };
}

/** Builds the report of a run and writes report.json, report.md and report.html into the run directory. */
export async function writeReport(
  directory: string,
  options: BuildReportOptions & RenderHtmlOptions = {},
): Promise<WrittenReport> {
  const report = await buildReport(directory, options);
  const html = await renderHtml(report, (await readRun(directory)).items, options);
  const files = {
    json: join(directory, "report.json"),
    markdown: join(directory, "report.md"),
    html: join(directory, "report.html"),
  };
  await mkdir(directory, { recursive: true });
  await replaceFile(files.json, `${JSON.stringify(report, null, 2)}\n`);
  await replaceFile(files.markdown, renderMarkdown(report));
  await replaceFile(files.html, html);
  return { report, files };
}

/** A reader of the old file never sees half of the new one. */
async function replaceFile(path: string, content: string): Promise<void> {
  const beside = `${path}.tmp`;
  await writeFile(beside, content);
  await rename(beside, path);
}
