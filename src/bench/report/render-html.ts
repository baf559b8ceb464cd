import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { RunItem } from "../run/index.ts";
import type { Block, Figure, Table } from "./blocks.ts";
import { type ItemBrowserData, packItems } from "./item-browser-data.ts";
import { Markup, markup } from "./markup.ts";
import type { Report, ReportScore } from "./report.ts";
import { reportBlocks } from "./report-blocks.ts";

export interface RenderHtmlOptions {
  /** Packed texts beyond this many bytes are left out of the page, which says so. Default 100 MiB. */
  maxItemBytes?: number;
}

/**
 * report.html: one file that opens offline and asks nothing of any network, with the report and a browser of its items.
 * All texts are escaped or set as text nodes, and the page's policy lets nothing run but its own script.
 */
export async function renderHtml(
  report: Report,
  items: AsyncIterable<RunItem>,
  { maxItemBytes = 100 << 20 }: RenderHtmlOptions = {},
): Promise<string> {
  const [style, script] = await Promise.all([pageFile("style.css"), pageScript()]);
  const primary = new Map(report.benchmarks.map(({ name, primary: kind }) => [name, kind]));
  const data = await packItems(items, maxItemBytes, (name) => (primary.get(name) === "expected" ? "expected" : "hard"));
  const blocks = reportBlocks(report);
  const sections = blocks.flatMap((block) => (block.kind === "heading" && block.level === 2 ? [block.text] : []));
  const anchor = (name: string) => `section-${sections.indexOf(name) + 1}`;
  const title = `Benchmark report: ${report.run.model}`;
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
<p class="muted">${report.benchmarks.map(({ title: name }) => name).join(", ")}. Mode ${report.run.mode}, ${report.run.startedAt.slice(0, 10)}.</p>
<nav class="contents" aria-label="Sections"><ul>
${sections.map((name) => markup`<li><a href="#${anchor(name)}">${name}</a></li>`)}
<li><a href="#items">Items</a></li>
</ul></nav>
</header>
<main>
${blocks.map((block) => renderBlock(block, anchor))}
${itemBrowser(data, new Set(primary.values()))}
</main>
<footer><p>Made by cerm ${report.run.version} from a run begun at ${report.run.startedAt}.</p></footer>
<script type="application/octet-stream" id="item-index">${new Markup(data.index)}</script>
${data.chunks.map((chunk, index) => markup`<script type="application/octet-stream" id="chunk-${index}">${new Markup(chunk)}</script>`)}
<script type="module">${new Markup(script)}</script>
</body>
</html>
`.text;
}

function renderBlock(block: Block, anchor: (name: string) => string): Markup {
  switch (block.kind) {
    case "heading":
      return block.level === 2
        ? markup`<h2 id="${anchor(block.text)}">${block.text}</h2>\n`
        : markup`<h3>${block.text}</h3>\n`;
    case "text":
      return markup`<p>${block.text}</p>\n`;
    case "notes":
      return markup`<ul class="notes" role="note">${block.notes.map((note) => markup`<li>${note}</li>`)}</ul>\n`;
    case "headlines":
      return markup`<div class="headlines">${block.headlines.map(
        ({ name, value, detail }) =>
          markup`<div class="headline">${name}<strong>${value}</strong><span class="detail">${detail}</span></div>`,
      )}</div>\n`;
    case "table":
      return markup`<div class="scroll" tabindex="0" role="group" aria-label="${block.table.caption ?? "Table"}">${renderTable(block.table)}</div>\n`;
    case "figures":
      return block.figures.length === 1
        ? renderFigure(block.figures[0]!)
        : markup`<div class="heat-maps">${block.figures.map(renderFigure)}</div>\n`;
  }
}

function renderFigure({ chart, caption, table }: Figure): Markup {
  return markup`<figure><div class="scroll" tabindex="0" role="group" aria-label="Chart">${chart}</div><figcaption>${caption}</figcaption><details><summary>Numbers as a table</summary><div class="scroll">${renderTable(table)}</div></details></figure>\n`;
}

function renderTable({ caption, columns, rows, emphasised = [] }: Table): Markup {
  const head = columns.map(
    ({ name, numeric }) => markup`<th scope="col"${numeric && new Markup(' class="number"')}>${name}</th>`,
  );
  const body = rows.map(
    (row, index) =>
      markup`<tr${emphasised.includes(index) && new Markup(' class="own"')}>${row.map((cell, column) =>
        column === 0
          ? markup`<th scope="row"${columns[0]!.numeric && new Markup(' class="number"')}>${cell}</th>`
          : markup`<td${columns[column]!.numeric && new Markup(' class="number"')}>${cell}</td>`,
      )}</tr>`,
  );
  return markup`<table>${caption !== undefined && markup`<caption>${caption}</caption>`}<thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

function itemBrowser(data: ItemBrowserData, kinds: ReadonlySet<ReportScore>): Markup {
  const left = data.withoutTexts;
  const rule = [...kinds].map((kind) => (kind === "verdicts" ? "the verdicts of both orders" : `${kind} scores`));
  return markup`<section id="items" aria-labelledby="items-title">
<h2 id="items-title">Items</h2>
<p>Right, wrong and tied: pairs of responses by ${rule.join(" or ")}.</p>
${left > 0 && markup`<p>The texts of ${left} of ${data.items} items were left out to keep this page small. They are in items.jsonl of the run.</p>`}
<noscript><p>The items need JavaScript. Everything above is complete without it.</p></noscript>
<div class="filters" role="search">
<label class="search">Text in query, responses, criteria, evaluations<input type="search" data-part="search" autocomplete="off"></label>
<label>Outcome<select data-part="outcome"><option value="all">all</option><option value="error">wrong</option><option value="tie">ties</option><option value="unscored">unscored</option><option value="right">right</option></select></label>
<label>Benchmark<select data-part="benchmark"></select></label>
<label>Subset<select data-part="subset"></select></label>
</div>
<p><span data-part="status" role="status" class="muted">Loading</span> <button type="button" data-part="previous">Previous</button> <button type="button" data-part="next">Next</button></p>
<div class="browser">
<div class="browser-list"><ol data-part="list"></ol><button type="button" class="more" data-part="more" hidden></button></div>
<div class="detail-pane" data-part="detail" aria-live="polite"></div>
</div>
</section>
`;
}

/** The page's script in one piece: its modules in the order of use, without what joins them. */
async function pageScript(): Promise<string> {
  const modules = await Promise.all(["items.js", "detail.js", "browser.js"].map(pageFile));
  return modules.map((source) => source.replace(/^import [^;]*;\n/gm, "").replace(/^export /gm, "")).join("\n");
}

function pageFile(name: string): Promise<string> {
  return readFile(new URL(`./page/${name}`, import.meta.url), "utf8");
}

/** What names an inline style or script in a Content-Security-Policy. */
function sourceHash(source: string): string {
  return `sha256-${createHash("sha256").update(source, "utf8").digest("base64")}`;
}
