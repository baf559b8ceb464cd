import type { Block } from "./blocks.ts";
import { Markup, type MarkupValue, markup } from "./markup.ts";
import { sourceHash } from "./page-files.ts";
import { renderBlock } from "./render-blocks.ts";

/** What a page of a report is made of. */
export interface Page {
  title: string;
  /** Below the title. */
  subtitle?: Markup;
  blocks: readonly Block[];
  browser: EntryBrowser;
  footer: string;
  /** All CSS and all JavaScript of the page. */
  style: string;
  script: string;
}

/** The part of a page in which single entries are looked for and read, behind the blocks. */
export interface EntryBrowser {
  /** Of its section. */
  id: string;
  title: string;
  /** Paragraphs above the filters. */
  introduction: MarkupValue;
  /** What the search looks through, and the other controls. */
  search: string;
  filters: Markup;
  /** Packed entries and texts, and the id of the element that holds the former. */
  packed: { id: string; index: string; chunks: readonly string[] };
}

/** A page of one file: nothing but its own script runs, and nothing is asked of any network. Whatever is not markup is escaped. */
export function renderPage({ title, subtitle, blocks, browser, footer, style, script }: Page): string {
  const sections = blocks.flatMap((block) => (block.kind === "heading" && block.level === 2 ? [block.text] : []));
  const anchor = (name: string) => `section-${sections.indexOf(name) + 1}`;
  const policy = `default-src 'none'; style-src '${sourceHash(style)}'; script-src '${sourceHash(script)}'; base-uri 'none'; form-action 'none'`;
  const { packed } = browser;
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
${subtitle}
<nav class="contents" aria-label="Sections"><ul>
${sections.map((name) => markup`<li><a href="#${anchor(name)}">${name}</a></li>`)}
<li><a href="#${browser.id}">${browser.title}</a></li>
</ul></nav>
</header>
<main>
${blocks.map((block) => renderBlock(block, anchor))}
${renderBrowser(browser)}
</main>
<footer><p>${footer}</p></footer>
<script type="application/octet-stream" id="${packed.id}">${new Markup(packed.index)}</script>
${packed.chunks.map((chunk, index) => markup`<script type="application/octet-stream" id="chunk-${index}">${new Markup(chunk)}</script>`)}
<script type="module">${new Markup(script)}</script>
</body>
</html>
`.text;
}

function renderBrowser({ id, title, introduction, search, filters }: EntryBrowser): Markup {
  return markup`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${introduction}
<noscript><p>The ${title.toLowerCase()} need JavaScript. Everything above is complete without it.</p></noscript>
<div class="filters" role="search">
<label class="search">${search}<input type="search" data-part="search" autocomplete="off"></label>
${filters}
</div>
<p><span data-part="status" role="status" class="muted">Loading</span> <button type="button" data-part="previous">Previous</button> <button type="button" data-part="next">Next</button></p>
<div class="browser">
<div class="browser-list"><ol data-part="list"></ol><button type="button" class="more" data-part="more" hidden></button></div>
<div class="detail-pane" data-part="detail" aria-live="polite"></div>
</div>
</section>
`;
}
