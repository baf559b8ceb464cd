import { readFile } from "node:fs/promises";
import type { RunItem } from "../run/index.ts";
import { type ItemBrowserData, packItems } from "./item-browser-data.ts";
import { Markup, markup } from "./markup.ts";
import { joinModules, pageFile, sourceHash } from "./page-files.ts";
import { renderBlock } from "./render-blocks.ts";
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
  const [style, script] = await Promise.all([
    readFile(pageFile("style.css"), "utf8"),
    joinModules(modules.map(pageFile)),
  ]);
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

/** Modules of the page's script, in the order of use. */
const modules = ["element.js", "unpack.js", "items.js", "detail.js", "browser.js"];

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
