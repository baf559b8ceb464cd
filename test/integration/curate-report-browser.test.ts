import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pairOf, runRecipe, writeRecipe } from "../../src/curate/test-helpers.ts";
import { findBrowser } from "../find-browser.ts";

const browser = findBrowser();
if (browser === undefined && process.env.CI !== undefined)
  throw new Error("no Chromium on the PATH: install the package chromium");
if (browser === undefined) console.warn("skipped: the report in a browser needs chromium on the PATH");

const hostile = `</script><script>window.hacked = 1</script><img src="https://example.org/x" onerror="window.hacked = 2">`;

describe.skipIf(browser === undefined)("the report of a curation in a browser", () => {
  let folder: string;
  let context: BrowserContext;
  let page: Page;
  const [complaints, requests] = [[] as string[], [] as string[]];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cerm-curate-report-"));
    const pairs = Array.from({ length: 300 }, (_, at) =>
      pairOf(`row-${at}`, {
        prompt: `Question ${at}: ${at % 7 === 0 ? hostile : "what is there to say?"} ${"x".repeat(at % 50 === 0 ? 400 : 3)}`,
        chosen: at % 11 === 0 ? "" : `${"word ".repeat(at % 60)}good ${at}`,
        rejected: `${"word ".repeat(at % 37)}worse ${at}`,
        domain: ["chat", "code", hostile][at % 3]!,
        strength: (at % 10) / 10 + 0.05,
      }),
    );
    const file = await writeRecipe(folder, pairs, {
      stages: ["shape", { "domain-balance": { maxShare: 0.34 } }, { budget: { pairs: 200 } }],
      splits: { test: 0.2, heldOut: 0.1 },
    });
    await runRecipe(file, join(folder, "run"));
    context = await chromium.launchPersistentContext(join(folder, "profile"), {
      executablePath: browser!,
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
    });
    page = await context.newPage();
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(join(folder, "run/report.html")).href);
    await page.waitForSelector("#rows[data-ready]");
  });

  afterAll(async () => {
    await context?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const status = () => page.locator('[data-part="status"]').textContent();
  const choose = (part: string, value: string) => page.selectOption(`[data-part="${part}"]`, value);

  test("nothing complains, nothing is asked for, no text of the data runs", async () => {
    expect(complaints).toEqual([]);
    expect(requests.length).toBe(1);
    expect(await page.evaluate('"hacked" in window')).toBe(false);
    expect(await page.locator("svg.chart").count()).toBeGreaterThan(5);
  });

  test("rows are found by what became of them, by reason and by text, and opened", async () => {
    const all = Number(/of (\d+) rows/.exec((await status())!)![1]);
    expect(all).toBeGreaterThan(250);
    await choose("fate", "shape");
    await expect.poll(status).toMatch(/^2[78] of /);
    await page.locator(".browser-list .entry").first().click();
    const detail = page.locator('[data-part="detail"]');
    expect(await detail.textContent()).toMatch(/Dropped by shape: chosen response is empty/);
    await choose("fate", "");
    await page.fill('[data-part="search"]', "question 123:");
    await expect.poll(status).toMatch(/^1 of /);
    expect(await detail.locator("h3").textContent()).toBe("row-123");
    expect(await detail.locator(".response h4").allTextContents()).toEqual(["Chosen", "Rejected"]);
    await page.fill('[data-part="search"]', "");
    await choose("reason", "beyond the budget");
    await expect
      .poll(async () =>
        (await page.locator(".browser-list .entry .muted").allTextContents()).every(
          (text) => text === "beyond the budget",
        ),
      )
      .toBe(true);
    await choose("reason", "");
  });

  test("light, dark, narrow and printed, nothing is wider than the page", async () => {
    for (const [name, colorScheme, width] of [
      ["light", "light", 1200],
      ["dark", "dark", 1200],
      ["narrow", "light", 390],
    ] as const) {
      await page.emulateMedia({ colorScheme, media: "screen" });
      await page.setViewportSize({ width, height: 900 });
      const over = await page.evaluate<number>("document.documentElement.scrollWidth - window.innerWidth");
      expect(over, name).toBeLessThanOrEqual(0);
    }
    await page.emulateMedia({ media: "print" });
    expect(await page.locator("#rows").isVisible()).toBe(false);
    await page.emulateMedia({ media: "screen" });
  });
});
