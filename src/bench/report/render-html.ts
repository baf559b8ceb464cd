import { readFile } from "node:fs/promises";
import type { RunItem } from "../run/index.ts";
import { type ItemBrowserData, packItems } from "./item-browser-data.ts";
import { markup } from "./markup.ts";
import { joinModules, pageFile } from "./page-files.ts";
import { type EntryBrowser, renderPage } from "./render-page.ts";
import type { Report, ReportScore } from "./report.ts";
import { reportBlocks } from "./report-blocks.ts";

export interface RenderHtmlOptions {
  /** Packed texts beyond this many bytes are left out of the page, which says so. Default 100 MiB. */
  maxItemBytes?: number;
}

/** Modules of the page's script, in the order of use. */
const modules = ["element.js", "unpack.js", "entry-list.js", "items.js", "detail.js", "browser.js"];

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
  const { model, mode, startedAt, version } = report.run;
  return renderPage({
    title: `Benchmark report: ${model}`,
    subtitle: markup`<p class="muted">${report.benchmarks.map(({ title }) => title).join(", ")}. Mode ${mode}, ${startedAt.slice(0, 10)}.</p>`,
    blocks: reportBlocks(report),
    browser: itemBrowser(data, new Set(primary.values())),
    footer: `Made by cerm ${version} from a run begun at ${startedAt}.`,
    style,
    script,
  });
}

function itemBrowser(data: ItemBrowserData, kinds: ReadonlySet<ReportScore>): EntryBrowser {
  const left = data.withoutTexts;
  const rule = [...kinds].map((kind) => (kind === "verdicts" ? "the verdicts of both orders" : `${kind} scores`));
  return {
    id: "items",
    title: "Items",
    introduction: markup`<p>Right, wrong and tied: pairs of responses by ${rule.join(" or ")}.</p>
${left > 0 && markup`<p>The texts of ${left} of ${data.items} items were left out to keep this page small. They are in items.jsonl of the run.</p>`}`,
    search: "Text in query, responses, criteria, evaluations",
    filters: markup`<label>Outcome<select data-part="outcome"><option value="all">all</option><option value="error">wrong</option><option value="tie">ties</option><option value="unscored">unscored</option><option value="right">right</option></select></label>
<label>Benchmark<select data-part="benchmark"></select></label>
<label>Subset<select data-part="subset"></select></label>`,
    packed: { id: "item-index", ...data },
  };
}
