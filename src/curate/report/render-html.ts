import { readFile } from "node:fs/promises";
import { Markup, markup } from "../../bench/report/markup.ts";
import { joinModules, pageFile, sourceHash } from "../../bench/report/page-files.ts";
import { renderBlock } from "../../bench/report/render-blocks.ts";
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
  const style = styles.join("\n");
  const script = await joinModules([pageFile("element.js"), pageFile("unpack.js"), own("rows.js")]);
  const packed = await packRows(rows);
  const blocks = reportBlocks(report);
  const sections = blocks.flatMap((block) => (block.kind === "heading" && block.level === 2 ? [block.text] : []));
  const anchor = (name: string) => `section-${sections.indexOf(name) + 1}`;
  const title = `Curation report: ${report.name}`;
  const policy = `default-src 'none'; style-src '${sourceHash(style)}'; script-src '${sourceHash(script)}'; base-uri 'none'; form-action 'none'`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<header class="page">
<h1>${title}</h1>
<nav class="contents" aria-label="Sections"><ul>
${sections.map((name) => markup`<li><a href="#${anchor(name)}">${name}</a></li>`)}
<li><a href="#rows">Rows</a></li>
</ul></nav>
</header>
<main>
${blocks.map((block) => renderBlock(block, anchor))}
${rowBrowser()}
</main>
<footer><p>Made by cerm ${version}; run ${report.run}, seed ${report.seed}.</p></footer>
${packedScripts(packed)}
<script type="module">${new Markup(script)}</script>
</body>
</html>
`.text;
}

function packedScripts({ index, chunks }: PackedRows): Markup {
  return markup`<script type="application/octet-stream" id="row-index">${new Markup(index)}</script>
${chunks.map((chunk, at) => markup`<script type="application/octet-stream" id="chunk-${at}">${new Markup(chunk)}</script>`)}`;
}

function rowBrowser(): Markup {
  return markup`<section id="rows" aria-labelledby="rows-title">
<h2 id="rows-title">Rows</h2>
<p>Some of the rows that were kept, and of those that every stage dropped, for each of its reasons.</p>
<noscript><p>The rows need JavaScript. Everything above is complete without it.</p></noscript>
<div class="filters" role="search">
<label class="search">Text in prompts, responses, reasons<input type="search" data-part="search" autocomplete="off"></label>
<label>What became of it<select data-part="fate"></select></label>
<label>Reason<select data-part="reason"></select></label>
<label>Source<select data-part="source"></select></label>
</div>
<p><span data-part="status" role="status" class="muted">Loading</span> <button type="button" data-part="previous">Previous</button> <button type="button" data-part="next">Next</button></p>
<div class="browser">
<div class="browser-list"><ol data-part="list"></ol><button type="button" class="more" data-part="more" hidden></button></div>
<div class="detail-pane" data-part="detail" aria-live="polite"></div>
</div>
</section>
`;
}
