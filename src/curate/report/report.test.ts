import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pairOf, runRecipe, writeRecipe } from "../test-helpers.ts";
import type { CurateReport } from "./report.ts";

const hostile = `</script><script>window.hacked = 1</script><img src=x onerror="window.hacked = 2">`;

describe("the report of a curation", () => {
  let folder: string;
  let report: CurateReport;
  let html: string;
  let card: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cerm-test-"));
    const pairs = Array.from({ length: 40 }, (_, at) =>
      pairOf(`row-${at}`, {
        prompt: `${hostile} ${at}`,
        chosen: `${"long ".repeat(at)}answer ${at}`,
        rejected: `other answer ${at}`,
        domain: at % 4 === 0 ? hostile : "chat | table",
        strength: at % 3 === 0 ? undefined : (at % 10) / 10 + 0.05,
      }),
    );
    const file = await writeRecipe(folder, [...pairs, pairOf("gone", { chosen: "" })], {
      name: "made",
      description: "Made for a test.",
      stages: ["shape", { budget: { pairs: 30 } }],
      splits: { test: 0.2, heldOut: 0.1 },
      inputs: [{ path: "pairs.jsonl", preset: "normal", name: "made", licence: "CC0" }],
    });
    await runRecipe(file, join(folder, "run"));
    const read = (name: string) => readFile(join(folder, "run", name), "utf8");
    report = JSON.parse(await read("report.json"));
    html = await read("report.html");
    card = await read("card.md");
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("counts rows by stage and reason, input, domain and split", () => {
    expect(report).toMatchObject({ kind: "curate-report", name: "made", tokens: "characters / 4" });
    expect(report.stages).toMatchObject([
      { name: "parse", before: 41, after: 41, reasons: [] },
      { name: "shape", before: 41, after: 40, reasons: [{ reason: "chosen response is empty", rows: 1 }] },
      { name: "budget", before: 40, after: 30, reasons: [{ reason: "beyond the budget", rows: 10 }] },
      { name: "split", before: 30, after: 30 },
    ]);
    expect(report.inputs).toMatchObject([
      { name: "made", licence: "CC0", broken: 0, pairs: { before: 41, after: 30 } },
    ]);
    expect(report.splits.reduce((sum, { rows }) => sum + rows, 0)).toBe(30);
    expect(report.domains.map(({ before }) => before)).toEqual([30, 10, 1]);
  });

  test("every distribution holds every row once, before and after", () => {
    const { prompt, chosen, rejected } = report.lengths;
    for (const { bins } of [prompt, chosen, rejected]) {
      expect(bins.reduce((sum, bin) => sum + bin.before, 0)).toBe(41);
      expect(bins.reduce((sum, bin) => sum + bin.after, 0)).toBe(30);
      for (const [at, bin] of bins.slice(1).entries()) expect(bin.low).toBe(bins[at]!.high);
    }
    const withStrength = report.strength!.bins.reduce((sum, bin) => sum + bin.before, 0);
    expect(withStrength).toBe(26);
    const sides = report.lengthBias.reduce((sum, { before }) => sum + before.chosen + before.rejected, 0);
    expect(sides).toBeGreaterThan(35);
  });

  test("the page holds no text as markup, asks for nothing and runs only its own script", () => {
    expect(html).not.toContain("<script>window.hacked");
    expect(html).not.toContain("<img");
    expect(html).toContain("default-src &#39;none&#39;");
    expect(html.match(/(?:src|href)="(?!#)[^"]*"/g)).toBeNull();
    for (const title of ["Where the rows went", "Prompts by length", "Shares by domain"]) expect(html).toContain(title);
    const ids = [...html.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("the page's rows are those that were kept and dropped, with reasons", () => {
    const packed = /id="row-index">([^<]+)</.exec(html)![1]!;
    const rows = JSON.parse(gunzipSync(Buffer.from(packed, "base64")).toString()) as Record<string, unknown>[];
    expect(rows.length).toBe(41);
    expect(rows.filter(({ dropped }) => dropped).length).toBe(11);
    expect(rows.find(({ id }) => id === "gone")).toMatchObject({ fate: "shape", reason: "chosen response is empty" });
  });

  test("the card says sources, licences, stages, settings and the hash", () => {
    expect(card).toContain("# made\n\nMade for a test.");
    expect(card).toContain(report.hash);
    expect(card).toContain("| made | CC0 | 1 | 41 | 30 | 0 | 0 |");
    expect(card).toContain("| budget | 40 | 30 | 10 |");
    expect(card).toContain("| shape | chosen response is empty | 1 |");
    expect(card).toContain("chat \\| table");
    expect(card).toMatch(/budget:\n +pairs: 30/);
    for (const { split, sha256 } of report.splits) expect(card).toMatch(new RegExp(`\\| ${split} \\|.*${sha256}`));
  });
});
