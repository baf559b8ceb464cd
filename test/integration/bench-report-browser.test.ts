import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FixtureOptions, writeFixtureRun } from "../../src/bench/report/testing/fixture-run.ts";
import { writeReport } from "../../src/bench/report/write-report.ts";
import { findBrowser } from "../find-browser.ts";

const browser = findBrowser();
if (browser === undefined && process.env.CI !== undefined)
  throw new Error("no Chromium on the PATH: install the package chromium");
if (browser === undefined) console.warn("skipped: the report in a browser needs chromium on the PATH");

const hostile = `</script><script>window.hacked = 1</script><img src="https://example.org/x" onerror="window.hacked = 2"><svg onload="window.hacked = 3">`;
/** Whether one of the hostile texts ran: an expression for the page, since these types know no browser. */
const hacked = '"hacked" in window';

describe.skipIf(browser === undefined)("the report in a browser", () => {
  let folder: string;
  let profile: string;
  let context: BrowserContext;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cerm-report-"));
    profile = await mkdtemp(join(tmpdir(), "cerm-profile-"));
    context = await chromium.launchPersistentContext(profile, {
      executablePath: browser!,
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
    });
  });

  afterAll(async () => {
    await context?.close();
    for (const path of [folder, profile]) await rm(path, { recursive: true, force: true });
  });

  /** Writes a report, opens it, and gives what the page complained of and asked for. */
  async function open(name: string, options: FixtureOptions, hash = "") {
    const directory = join(folder, name);
    await writeFixtureRun(directory, options);
    const { files } = await writeReport(directory, { resamples: 40 });
    const page = await context.newPage();
    const [complaints, requests] = [[] as string[], [] as string[]];
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
    page.on("request", (request) => requests.push(request.url()));
    const address = pathToFileURL(files.html).href;
    await page.goto(address + hash);
    await page.waitForSelector("#items[data-ready]");
    return { page, complaints, requests, address };
  }

  const status = (page: Page) => page.locator('[data-part="status"]').textContent();
  const shownItems = (page: Page) => page.locator(".browser-list .entry").count();
  const heading = (page: Page) => page.locator('[data-part="detail"] h3').textContent();

  /** Waits for the status to be other than it was. */
  async function changed(page: Page, change: () => Promise<unknown>): Promise<string> {
    const before = await status(page);
    await change();
    await expect.poll(() => status(page), { timeout: 10_000 }).not.toMatch(new RegExp(`^(${before}|Searching)$`));
    return (await status(page))!;
  }

  test("hostile texts are shown and do nothing; the page asks for nothing but itself", async () => {
    const { page, complaints, requests, address } = await open("hostile", { hostile, model: `evil-135M${hostile}` });
    await expect(page.locator("h1").textContent()).resolves.toContain("window.hacked = 1");
    for (let item = 0; item < 3; item++) await page.locator('[data-part="next"]').click();
    for (const details of await page.locator('[data-part="detail"] summary').all()) await details.click();
    const detail = (await page.locator('[data-part="detail"]').textContent())!;
    expect(detail.split(hostile).length).toBeGreaterThan(6);
    expect(await page.locator('[data-part="detail"] :is(img, script, svg)').count()).toBe(0);
    expect(await page.evaluate(hacked)).toBe(false);
    expect(complaints).toEqual([]);
    expect(requests).toEqual([address]);
    await page.close();
  });

  test("the policy stops a script even where one got in", async () => {
    const { page } = await open("policy", { benchmarks: ["llmbar"], items: 4 });
    await page.evaluate(
      `const script = document.createElement("script"); script.textContent = "window.hacked = 1"; document.body.append(script);`,
    );
    expect(await page.evaluate(hacked)).toBe(false);
    await page.close();
  });

  test("filters, search, the list and the address work", async () => {
    const { page, complaints } = await open("filters", { unscoredPercent: 10 });
    expect(await status(page)).toBe("72 of 72 items");
    const llmbar = await changed(page, () => page.selectOption('[data-part="benchmark"]', "llmbar"));
    expect(llmbar).toBe("24 of 72 items");
    expect(await page.locator('[data-part="subset"] option').allTextContents()).toEqual([
      "all",
      "llmbar-adver-manual",
      "llmbar-natural",
    ]);
    expect(await changed(page, () => page.selectOption('[data-part="subset"]', "llmbar-natural"))).toBe(
      "12 of 72 items",
    );
    await page.selectOption('[data-part="benchmark"]', "");
    for (const [outcome, word] of [
      ["error", "wrong"],
      ["unscored", "unscored"],
      ["tie", "tied"],
    ]) {
      await changed(page, () => page.selectOption('[data-part="outcome"]', outcome!));
      const entries = await page.locator(".browser-list .entry").allTextContents();
      expect(entries.length).toBeGreaterThan(0);
      for (const entry of entries) expect(entry).toContain(word);
    }
    await changed(page, () => page.selectOption('[data-part="outcome"]', "all"));
    expect(await changed(page, () => page.fill('[data-part="search"]', "13 + COMPUTED"))).toBe("3 of 72 items");
    expect(await shownItems(page)).toBe(3);
    expect(await heading(page)).toBe("judgebench.jsonl#13");
    await page.locator('[data-part="next"]').click();
    await expect.poll(() => heading(page)).toBe("llmbar.jsonl#13");
    expect(page.url()).toMatch(/#item=llmbar%2Fllmbar.jsonl%2313$/);
    expect(await changed(page, () => page.fill('[data-part="search"]', "nowhere to be found"))).toBe("0 of 72 items");
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("an item's address opens it, with query, criteria, scores, label and evaluations", async () => {
    const { page } = await open("address", {}, `#item=${encodeURIComponent("rm-bench/rm-bench.jsonl#5")}`);
    await expect.poll(() => heading(page)).toBe("rm-bench.jsonl#5");
    const detail = page.locator('[data-part="detail"]');
    expect(await detail.locator(".response").count()).toBe(6);
    expect(await detail.locator("ol li").allTextContents()).toEqual([
      "Correctness: The sum is right.",
      "Clarity: The steps can be followed.",
    ]);
    expect(await detail.locator("tbody th").allTextContents()).toEqual(["Correctness", "Clarity", "Overall"]);
    expect(await detail.locator(".response h4").allTextContents()).toEqual(
      [0, 1, 2, 3, 4, 5].map((index) => `Response ${index} (label: ${index < 3 ? "better" : "worse"})`),
    );
    await page.close();
  });

  test("a pairwise run shows its comparisons", async () => {
    const { page, complaints } = await open("pairwise", { mode: "pairwise", items: 6 });
    await expect(page.locator('[data-part="detail"]').textContent()).resolves.toMatch(
      /Responses 0 and 1: shown in this order/,
    );
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("thousands of items stay quick", async () => {
    const { page } = await open("many", { benchmarks: ["llmbar"], items: 3000, votes: 1 });
    expect(await status(page)).toBe("3000 of 3000 items");
    expect(await shownItems(page)).toBe(200);
    const began = Date.now();
    expect(await changed(page, () => page.fill('[data-part="search"]', "2999"))).toBe("1 of 3000 items");
    expect(Date.now() - began).toBeLessThan(5_000);
    expect(await changed(page, () => page.fill('[data-part="search"]', ""))).toBe("3000 of 3000 items");
    await page.locator('[data-part="more"]').click();
    expect(await shownItems(page)).toBe(400);
    await page.close();
  });

  test("light, dark, narrow and printed, nothing is wider than the page", async () => {
    const { page } = await open("looks", { hostile: " a long line ".repeat(20) + "x".repeat(300) });
    const grounds = new Set<string>();
    for (const [name, colorScheme, width] of [
      ["light", "light", 1200],
      ["dark", "dark", 1200],
      ["narrow", "light", 390],
    ] as const) {
      await page.emulateMedia({ colorScheme, media: "screen" });
      await page.setViewportSize({ width, height: 900 });
      grounds.add(await page.evaluate<string>("getComputedStyle(document.body).backgroundColor"));
      expect(
        await page.evaluate<number>("document.documentElement.scrollWidth - window.innerWidth"),
        name,
      ).toBeLessThanOrEqual(0);
      const picture = await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
      expect(picture.length).toBeGreaterThan(50_000);
    }
    expect(grounds.size).toBe(2);
    await page.emulateMedia({ media: "print" });
    await page.evaluate('window.dispatchEvent(new Event("beforeprint"))');
    expect(await page.locator("#items").isVisible()).toBe(false);
    expect(await page.locator("figure details table").first().isVisible()).toBe(true);
    await page.close();
  });
});
