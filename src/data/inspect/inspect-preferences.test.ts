import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parquetMetadata } from "hyparquet";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../core/random.ts";
import { parquetOf, text } from "../parquet-test-helpers.ts";
import { temporaryFolder } from "../test-helpers.ts";
import { countWords } from "./count-words.ts";
import { inspectPreferences } from "./inspect-preferences.ts";
import { Reservoir } from "./reservoir.ts";

async function fileOf(rows: readonly (object | string)[], name = "rows.jsonl"): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n"));
  return path;
}

const pair = (query: string, chosen: string, rejected: string, more: object = {}) => ({
  ...{ prompt: query, chosen, rejected, ...more },
});

describe("inspectPreferences", () => {
  test("counts rows, reasons and faults", async () => {
    const vote = (label: number) => ({ scenario: "s", label, prompt: "p", "response 1": "a", "response 2": "b" });
    const path = await fileOf([vote(0), vote(2), "{", vote(2), vote(7), vote(1)]);
    const missing = join(path, "..", "none.jsonl");
    const summary = await inspectPreferences([path]);
    expect(summary).toMatchObject({
      ...{ rows: 6, pairs: 2, none: [{ reason: "tie", rows: 2 }] },
      broken: {
        ...{ rows: 2, files: 0 },
        messages: [expect.stringContaining("line 3: not valid JSON"), expect.stringContaining("expected 0, 1 or 2")],
      },
      files: [{ file: "rows.jsonl", preset: "auto-j", licence: null, shippable: false }],
    });
    expect((await inspectPreferences(missing)).broken).toMatchObject({ rows: 0, files: 1 });
  });

  test("rows of a damaged row group are counted, each", async () => {
    const cells = (name: string) => Array.from({ length: 30 }, (_, index) => `${name} ${index}`);
    const bytes = parquetOf(
      ["prompt", "chosen", "rejected"].map((name) => ({ schema: text(name), data: cells(name) })),
      { rowGroupSize: 10, offsetIndex: false },
    );
    const at = Number(parquetMetadata(bytes).row_groups[1]!.columns[0]!.meta_data!.data_page_offset);
    bytes.fill(0xff, at, at + 8);
    const path = join(await temporaryFolder(), "rows.parquet");
    await writeFile(path, bytes);
    const { rows, pairs, broken } = await inspectPreferences(path);
    expect({ rows, pairs, broken: broken.rows, files: broken.files }).toEqual({
      ...{ rows: 30, pairs: 20, broken: 10, files: 0 },
    });
  });

  test("lengths, turns and length bias", async () => {
    const path = await fileOf([
      pair("two words", "1234567890", "12345"),
      pair("q", "12", "1 3 5 7 9"),
      pair("q", "same", "size"),
      {
        prompt: [
          { role: "user", content: "a b" },
          { role: "assistant", content: "c" },
          { role: "user", content: "d" },
        ],
        ...{ chosen: "longer one", rejected: "" },
      },
    ]);
    const { lengths, turns, lengthBias } = await inspectPreferences(path);
    expect(lengths.query.characters).toEqual({
      ...{ mean: 4, min: 1, p5: 1, p25: 1, p50: 3, p75: 6 },
      ...{ p95: expect.closeTo(8.4, 9), max: 9 },
    });
    expect(lengths.query.words).toMatchObject({ mean: 2, min: 1, max: 4 });
    expect(lengths.rejected.words).toMatchObject({ min: 0, max: 5 });
    expect(turns).toEqual([
      { turns: 1, pairs: 3 },
      { turns: 2, pairs: 1 },
    ]);
    // Ratios 2, 2/9 and 1; the pair with an empty response has none.
    expect(lengthBias).toEqual({
      ...{ chosenLonger: 2, equal: 1, rejectedLonger: 1, meanRatio: expect.closeTo((4 / 9) ** (1 / 3), 12) },
      // Wilson 1927, 2 of 3, computed by hand.
      share: { estimate: 2 / 3, low: expect.closeTo(0.2077, 4), high: expect.closeTo(0.9385, 4) },
    });
  });

  test("duplicates and contradictions", async () => {
    const path = await fileOf([
      pair("p", "a", "b"),
      pair("p", "a", "b"),
      pair("p", "b", "a"),
      pair("p", "b", "a"),
      pair("p", "a", "c"),
      pair("q", "a", "b"),
      pair("r", "b", "b"),
      // Another conversation whose text is the same put together.
      {
        prompt: [
          { role: "system", content: "q" },
          { role: "user", content: "q" },
        ],
        chosen: "b",
        rejected: "a",
      },
    ]);
    expect((await inspectPreferences(path)).duplicates).toEqual({
      ...{ pairs: 2, distinctPrompts: 4, repeatedPrompts: 1, contradictions: 1, identicalResponses: 1 },
    });
  });

  test("strength, sources and domains", async () => {
    const path = await fileOf([
      { ...pair("1", "a", "b"), sure: 0.3, topic: "x", from: "web" },
      { ...pair("2", "aa", "b"), sure: 0.31, topic: "x", from: "web" },
      { ...pair("3", "a", "bb"), sure: 1, topic: "y", from: "web" },
      { ...pair("4", "a", "bb"), sure: null, topic: null, from: null },
    ]);
    const columns = { prompt: "prompt", chosen: "chosen", rejected: "rejected" };
    const { strength, sources, domains } = await inspectPreferences(path, {
      columns: { ...columns, strength: "sure", domain: "topic", source: "from" },
    });
    expect(strength.without).toBe(1);
    expect(strength.bins.filter(({ pairs }) => pairs > 0)).toEqual([
      { from: 0.2, to: 0.3, pairs: 1 },
      { from: 0.3, to: 0.4, pairs: 1 },
      { from: 0.9, to: 1, pairs: 1 },
    ]);
    expect(sources).toEqual([
      { name: "rows/web", pairs: 3, chosenLonger: 0.5 },
      { name: "rows", pairs: 1, chosenLonger: 0 },
    ]);
    expect(domains).toEqual([
      { name: "x", pairs: 2, chosenLonger: 1 },
      { name: "y", pairs: 1, chosenLonger: 0 },
    ]);
  });

  test("languages and examples are drawn by the seed", async () => {
    const english = "How do I write a letter to my bank about a card that was lost on a trip?";
    const german = "Wie schreibe ich einen Brief an meine Bank wegen einer verlorenen Karte?";
    const rows = Array.from({ length: 40 }, (_, index) => pair(index % 4 === 0 ? german : english, `${index}`, "x"));
    const path = await fileOf(rows);
    const whole = await inspectPreferences(path, { examples: 2, seed: 7 });
    expect(whole.languages).toEqual({
      sampled: 40,
      counts: [
        { language: "en", queries: 30 },
        { language: "de", queries: 10 },
      ],
    });
    expect((await inspectPreferences(path, { languageSample: 10 })).languages.sampled).toBe(10);
    expect(whole.examples).toHaveLength(2);
    expect((await inspectPreferences(path, { examples: 2, seed: 7 })).examples).toEqual(whole.examples);
    expect((await inspectPreferences(path, { examples: 2, seed: 8 })).examples).not.toEqual(whole.examples);
  });

  test("nothing at all has no numbers", async () => {
    const { pairs, lengths, lengthBias, languages } = await inspectPreferences(await fileOf([]));
    expect(pairs).toBe(0);
    expect(lengths.chosen.characters).toMatchObject({ mean: null, p50: null, max: null });
    expect(lengthBias).toMatchObject({ share: null, meanRatio: null });
    expect(languages).toEqual({ sampled: 0, counts: [] });
  });

  test("the heap does not grow with the data", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    const rows = 100_000;
    const path = join(await temporaryFolder(), "many.jsonl");
    const answer = "some words of a longer answer ".repeat(8);
    const content = Array.from(
      { length: rows },
      (_, index) => `{"prompt":"question ${index}","chosen":"${answer}${index}","rejected":"${answer}"}\n`,
    );
    await writeFile(path, content.join(""));
    content.length = 0;
    const heap = () => {
      collectGarbage();
      return process.memoryUsage().heapUsed / 2 ** 20;
    };
    // Its languages' tables stay in memory once they are loaded.
    await inspectPreferences(path, { limit: 10 });
    const before = heap();
    let peak = 0;
    const { pairs } = await inspectPreferences(path, {
      onProgress: (done) => {
        if (done % 20_000 === 0) peak = Math.max(peak, heap() - before);
      },
    });
    expect(pairs).toBe(rows);
    // The file has 55 MB.
    expect(peak).toBeGreaterThan(0);
    expect(peak).toBeLessThan(15);
  }, 60_000);
});

test("words are runs of anything but white space", () => {
  expect(["", "  ", "a", " a\tb\u00a0c\n\nd\u3000e ", "don't stop"].map(countWords)).toEqual([0, 0, 1, 5, 2]);
});

test("a reservoir holds every value with the same chance", () => {
  const counts = new Array<number>(20).fill(0);
  for (let seed = 0; seed < 4000; seed++) {
    const reservoir = new Reservoir<number>(5, seededRandom(seed));
    for (let value = 0; value < 20; value++) reservoir.offer(() => value);
    expect(new Set(reservoir.values).size).toBe(5);
    for (const value of reservoir.values) counts[value]!++;
  }
  // 1,000 expected of each, standard deviation 27.
  expect(Math.min(...counts)).toBeGreaterThan(880);
  expect(Math.max(...counts)).toBeLessThan(1120);
});
