import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { readRun } from "../run/index.ts";
import { buildReport } from "./build-report.ts";
import { renderHtml } from "./render-html.ts";
import { renderMarkdown } from "./render-markdown.ts";
import { type FixtureOptions, writeFixtureRun } from "./testing/fixture-run.ts";

const hostile = `</script><script>hacked()</script><img src=x onerror=hacked()>`;

async function page(options: FixtureOptions = {}, maxItemBytes?: number) {
  const directory = await temporaryFolder();
  await writeFixtureRun(directory, { items: 6, ...options });
  const report = await buildReport(directory, { resamples: 40 });
  const { items } = await readRun(directory);
  return { report, html: await renderHtml(report, items, { maxItemBytes }) };
}

/** The page without its scripts and their data. */
const visible = (html: string) => html.replace(/<script[\s\S]*?<\/script>/g, "");
const scriptOf = (html: string, id: string) => new RegExp(`id="${id}">([^<]*)</script>`).exec(html)![1]!;
const unpack = (packed: string) => JSON.parse(gunzipSync(Buffer.from(packed, "base64")).toString("utf8"));

test("texts of models and data never stand in the page as markup", async () => {
  const { html } = await page({ hostile, model: `evil${hostile}` });
  expect(html).not.toContain("<script>hacked");
  expect(html).not.toContain("<img");
  expect(html).toContain("evil&lt;/script&gt;");
});

test("the page asks for nothing and lets only its own script and style run", async () => {
  const { html } = await page();
  expect(visible(html)).not.toMatch(
    /\s(src|srcset|data|action)=|<link|@import|url\(|https?:\/\/(?!www\.w3\.org\/2000\/svg)/,
  );
  const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)![1]!.replaceAll("&#39;", "'");
  const hash = (source: string) => `'sha256-${createHash("sha256").update(source).digest("base64")}'`;
  const style = /<style>([\s\S]*?)<\/style>/.exec(html)![1]!;
  const script = /<script type="module">([\s\S]*?)<\/script>/.exec(html)![1]!;
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain(`style-src ${hash(style)};`);
  expect(policy).toContain(`script-src ${hash(script)};`);
  expect(html).not.toMatch(/ style="/);
  expect(script).not.toMatch(/^(import|export) /m);
});

test("the items can be unpacked from the page, texts whole", async () => {
  const { html } = await page({ hostile, benchmarks: ["llmbar"] });
  const index = unpack(scriptOf(html, "item-index")) as { key: string; chunk: number; place: number }[];
  expect(index.map(({ key }) => key)).toEqual([0, 1, 2, 3, 4, 5].map((row) => `llmbar.jsonl#${row}`));
  const texts = unpack(scriptOf(html, "chunk-0"))[index[3]!.place];
  expect(texts.messages[0].content).toContain(hostile);
  expect(texts.responses[1].evaluations[0].text).toContain(hostile);
});

test("beyond the limit items are listed without their texts, and the page says so", async () => {
  const { html } = await page({ benchmarks: ["llmbar"] }, 0);
  const index = unpack(scriptOf(html, "item-index")) as { chunk?: number }[];
  expect(index.filter(({ chunk }) => chunk === undefined)).toHaveLength(6);
  expect(html).toContain("The texts of 6 of 6 items were left out");
});

test("every chart has a title, a description and a table beside it; ids are unique", async () => {
  const { html } = await page({ benchmarks: ["judgebench", "rm-bench"], items: 12 });
  const charts = html.match(/<svg[\s\S]*?<\/svg>/g)!;
  expect(charts.length).toBeGreaterThanOrEqual(11);
  for (const chart of charts)
    expect(chart).toMatch(
      /role="img" aria-labelledby="([^ ]+) ([^"]+)"><title id="\1">[^<]+<\/title><desc id="\2">[^<]+</,
    );
  for (const figure of html.match(/<figure>[\s\S]*?<\/figure>/g)!) expect(figure).toContain("<table>");
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
  expect(new Set(ids).size).toBe(ids.length);
  expect(visible(html)).not.toMatch(/NaN|undefined|Infinity/);
});

test("a run without a finished item still makes a page", async () => {
  const { html } = await page({ items: 0, limit: null });
  expect(html).toContain("0 items");
  expect(visible(html)).not.toMatch(/NaN|undefined|Infinity/);
});

test("Markdown has the same sections and numbers, and nothing in it is read as markup", async () => {
  const { report } = await page({ model: "a|b<c>*d*" });
  const markdown = renderMarkdown(report);
  expect(markdown).toMatch(/^# Benchmark report: a\\\|b&lt;c&gt;\\\*d\\\*$/m);
  for (const { title } of report.benchmarks) expect(markdown).toContain(`## ${title}`);
  const value = (100 * report.benchmarks[0]!.scores.hard!.headline.value!).toFixed(1);
  expect(markdown).toContain(`* JudgeBench: **${value}**`);
  expect(markdown).toMatch(/\| CE-RM-4B +\| +76\.3 \|/);
  expect(markdown).toMatch(/^> \* This is a sample/m);
  // Every row of a table has as many cells as its head.
  for (const table of markdown.split("\n\n").filter((block) => block.startsWith("|"))) {
    const cells = table
      .trimEnd()
      .split("\n")
      .map((line) => line.replaceAll("\\|", "").split("|").length);
    expect(new Set(cells).size).toBe(1);
  }
});
