import { readFile } from "node:fs/promises";
import { markup } from "../../bench/report/markup.ts";
import { joinModules, pageFile } from "../../bench/report/page-files.ts";
import { type EntryBrowser, renderPage } from "../../bench/report/render-page.ts";
import { type PackedRows, packRows } from "./pack-rows.ts";
import type { CurateReport } from "./report.ts";
import { reportBlocks } from "./report-blocks.ts";
import type { ShownRow } from "./sample-rows.ts";

/**
 * report.html: one file that opens offline, with the report and a browser of rows. All texts are escaped or set as text nodes,
 * and the page's policy lets nothing run but its own script.
 */
export async function renderHtml(
  report: CurateReport,
  rows: AsyncIterable<ShownRow>,
  version: string,
): Promise<string> {
  const own = (name: string) => new URL(`./page/${name}`, import.meta.url);
  const styles = await Promise.all([pageFile("style.css"), own("curate.css")].map((file) => readFile(file, "utf8")));
  return renderPage({
    title: `Curation report: ${report.name}`,
    blocks: reportBlocks(report),
    browser: rowBrowser(await packRows(rows)),
    footer: `Made by cerm ${version}; run ${report.run}, seed ${report.seed}.`,
    style: styles.join("\n"),
    script: await joinModules([...["element.js", "unpack.js", "entry-list.js"].map(pageFile), own("rows.js")]),
  });
}

function rowBrowser(packed: PackedRows): EntryBrowser {
  return {
    id: "rows",
    title: "Rows",
    introduction: markup`<p>Some of the rows that were kept, and of those that every stage dropped, for each of its reasons.</p>`,
    search: "Text in prompts, responses, reasons",
    filters: markup`<label>What became of it<select data-part="fate"></select></label>
<label>Reason<select data-part="reason"></select></label>
<label>Source<select data-part="source"></select></label>`,
    packed: { id: "row-index", ...packed },
  };
}
