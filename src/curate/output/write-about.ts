import { join } from "node:path";
import { replaceFile } from "../../data/replace-file.ts";
import { buildReport } from "../report/build-report.ts";
import { renderHtml } from "../report/render-html.ts";
import type { CurateReport } from "../report/report.ts";
import { sampleRows } from "../report/sample-rows.ts";
import { dataCard } from "./data-card.ts";
import type { OutputParts, WrittenOutputs } from "./write-outputs.ts";

/** Files about the training set, in the run's folder. */
export const aboutFiles = { card: "card.md", json: "report.json", html: "report.html" } as const;

/** Writes the data card and, where the recipe wants it, the report; gives what the report says. */
export async function writeAbout(parts: OutputParts, outputs: WrittenOutputs): Promise<CurateReport> {
  const { directory, rows, records, recipe, run } = parts;
  const report = await buildReport(parts, outputs);
  await replaceFile(join(directory, aboutFiles.card), dataCard(report));
  if (!recipe.outputs.report) return report;
  await replaceFile(join(directory, aboutFiles.json), `${JSON.stringify(report, null, 2)}\n`);
  const html = await renderHtml(report, sampleRows(rows, records), run.version);
  await replaceFile(join(directory, aboutFiles.html), html);
  return report;
}
