import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { parquetOf, text } from "../data/parquet-test-helpers.ts";
import { temporaryFolder } from "../data/test-helpers.ts";
import { findBenchmark } from "./benchmarks.ts";
import { scoreBenchmark } from "./score-benchmark.ts";
import { writeRows } from "./test-helpers.ts";

const pairs = findBenchmark("pairs");
const row = (n: number) => ({ prompt: `q${n}`, chosen: "good", rejected: "bad" });

async function fixture(count = 3) {
  const folder = await temporaryFolder();
  const data = await writeRows(
    folder,
    "d.jsonl",
    Array.from({ length: count }, (_, n) => row(n)),
  );
  const score = async (lines: (object | string)[], options = {}) => {
    const scores = join(folder, "s.jsonl");
    await writeFile(scores, lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"));
    return scoreBenchmark(pairs, { data, scores, ...options });
  };
  return { folder, data, score };
}
const line = (n: number, scores: unknown = [2, 1]) => ({ item: `d.jsonl#${n}`, scores });

describe("scores from a file", () => {
  it("come in any order, with null for what has no score", async () => {
    const { score } = await fixture();
    const result = await score([line(2, [1, 1]), line(0, [null, 3]), line(1)]);
    expect(result.pairs).toEqual({ count: 3, strict: 1 / 3, half: 0.5, tieRate: 1 / 3 });
    expect(result).toMatchObject({
      items: 3,
      responses: 6,
      unscored: { responses: 1, items: 1 },
      headline: { value: 1 / 3 },
    });
  });

  it("come from standard input", async () => {
    const { data } = await fixture(1);
    const stdin = Readable.from([Buffer.from(JSON.stringify(line(0)))]);
    expect((await scoreBenchmark(pairs, { data, scores: "-", stdin })).headline.value).toBe(1);
  });

  it.each<[string, (object | string)[], string]>([
    [
      "an item that is missing",
      [line(0), line(2)],
      's.jsonl, line 3: the file ends without the item "d.jsonl#1"; give',
    ],
    ["several that are missing", [line(0)], 'line 2: the file ends without the item "d.jsonl#1" and 1 more'],
    [
      "an item that is there twice",
      [line(0), line(1), line(0)],
      's.jsonl, line 3, item: the item "d.jsonl#0" is also on line 1',
    ],
    [
      "an unknown item",
      [line(0), line(9), line(1), line(2)],
      's.jsonl, line 2, item: there is no item "d.jsonl#9" in the data; keys look like "d.jsonl#0"',
    ],
    [
      "a wrong count",
      [line(0), line(1, [1]), line(2)],
      'line 2, scores: expected 2 scores for "d.jsonl#1" ([chosen, rejected]), got 1',
    ],
    ["a score that is text", [line(0, [1, "2"])], 's.jsonl, line 1, scores[1]: expected a number or null, got "2"'],
    ["a list for a score", [line(0, [[1], 2])], "line 1, scores[0]: expected a number or null, got a list of 1"],
    ["no list of scores", [line(0, 5)], "line 1, scores: expected a list of numbers and null, got 5"],
    ["no item", [{ scores: [1, 2] }], "line 1, item: expected the item's key, got nothing"],
    [
      "a number beyond all numbers",
      ['{"item":"d.jsonl#0","scores":[1e999,1]}'],
      "line 1, scores[0]: expected a number or null",
    ],
    ["NaN", ['{"item":"d.jsonl#0","scores":[NaN,1]}'], "s.jsonl, line 1: not valid JSON"],
  ])("are refused with the line: %s", async (_what, lines, message) => {
    const { score } = await fixture();
    await expect(score(lines)).rejects.toMatchObject({ name: "InputError", message: expect.stringContaining(message) });
  });

  it("of a sample are complete with the sample's items, and refused for any other", async () => {
    const { score } = await fixture(5);
    const lines = [0, 1, 2, 3, 4].map((n) => line(n));
    await expect(score(lines, { limit: 2, seed: 4 })).rejects.toThrow("in the sample of 2 with seed 4");
    expect((await score(lines, { limit: 5 })).items).toBe(5);
  });
});

describe("data that is refused", () => {
  it("a file or folder that is not there, or holds nothing to read", async () => {
    const { folder, score } = await fixture();
    await expect(score([], { data: join(folder, "x") })).rejects.toThrow("x: there is no such file or folder");
    const empty = await temporaryFolder();
    await writeFile(join(empty, "notes.txt"), "x");
    await expect(score([], { data: empty })).rejects.toThrow("it holds no .jsonl, .json, .csv or .parquet file");
    const bare = await writeRows(empty, "d.jsonl", []);
    await expect(score([], { data: bare })).rejects.toThrow("there is no item in it");
  });

  it("a Parquet file that is cut, or lacks a column", async () => {
    const { folder, score } = await fixture();
    const whole = parquetOf([
      { schema: text("prompt"), data: ["q"] },
      { schema: text("chosen"), data: ["a"] },
    ]);
    const path = join(folder, "p.parquet");
    await writeFile(path, whole);
    await expect(score([], { data: path })).rejects.toThrow(
      "p.parquet, rejected: row 0 (from 0): the field is missing; the row has prompt, chosen",
    );
    await writeFile(path, whole.subarray(0, whole.length - 20));
    await expect(score([], { data: path })).rejects.toThrow("p.parquet: not a complete Parquet file");
  });

  it("a row that is not JSON, with its line", async () => {
    const { folder, score } = await fixture();
    await writeFile(join(folder, "d.jsonl"), `${JSON.stringify(row(0))}\n{"prompt":`);
    await expect(score([line(0)])).rejects.toThrow(/d\.jsonl, line 2: not valid JSON/);
  });
});
