import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { listOf, parquetOf, struct, text } from "./parquet-test-helpers.ts";
import type { PreferenceResult } from "./preference-result.ts";
import { type ReadPreferencesOptions, readPreferences } from "./read-preferences.ts";
import { collect, temporaryFolder } from "./test-helpers.ts";

const row = (query: string, source = "s") => ({
  chosen: [
    { role: "user", content: query },
    { role: "assistant", content: "yes" },
  ],
  rejected: [
    { role: "user", content: query },
    { role: "assistant", content: "no" },
  ],
  source,
});
const line = (query: string) => `${JSON.stringify(row(query))}\n`;

/** Ids of pairs, reasons for none, messages of faults. */
function told(results: PreferenceResult[]): string[] {
  return results.map((result) => (result.ok ? (result.pair?.id ?? result.none!) : result.error.message));
}

async function readFiles(files: Record<string, string | Uint8Array>, options: ReadPreferencesOptions = {}) {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  const results = await collect(readPreferences(folder, options));
  return { folder, results, told: told(results).map((one) => one.replaceAll(`${folder}/`, "")) };
}

describe("files", () => {
  test("those of a folder come in the order of their paths, and each is recognised by itself", async () => {
    const found: [string, string][] = [];
    const { told } = await readFiles(
      {
        "b.jsonl": line("1"),
        "a/two.jsonl.gz": gzipSync(line("2")),
        "a/rated.json": JSON.stringify([{ prompt: "p", chosen: "x", rejected: "y" }]),
        "README.md": "not data",
      },
      { onPreset: (file, preset) => found.push([file.name, preset.name]) },
    );
    expect(told).toEqual(["a/rated.json#0", "a/two.jsonl.gz#0", "b.jsonl#0"]);
    expect(found).toEqual([
      ["a/rated.json", "pairs"],
      ["a/two.jsonl.gz", "skywork-reward-preference-80k"],
      ["b.jsonl", "skywork-reward-preference-80k"],
    ]);
  });

  test("files of the same name are told apart by their folders", async () => {
    const folder = await temporaryFolder();
    for (const name of ["x", "y"]) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, "train.jsonl"), line(name));
    }
    const sources = [join(folder, "x/train.jsonl"), join(folder, "y/train.jsonl"), join(folder, "x/train.jsonl")];
    expect(told(await collect(readPreferences(sources)))).toEqual(["x/train.jsonl#0", "y/train.jsonl#0"]);
  });

  test("what is not there, and what no preset knows, is said", async () => {
    expect(told(await collect(readPreferences("nowhere.jsonl")))).toEqual([
      "nowhere.jsonl: there is no such file; check the path",
    ]);
    const { told: known } = await readFiles({ "a.jsonl": '{"question":"q","answer":"a"}\n{}\n', "b.jsonl": line("1") });
    expect(known).toEqual([
      "a.jsonl: no preset knows rows with question, answer; name a preset, or the columns of the prompt and the two responses",
      "b.jsonl#0",
    ]);
    expect(told(await collect(readPreferences("x.jsonl", { preset: "tulu" })))[0]).toMatch(
      /there is no preset "tulu"; there are normal, /,
    );
  });

  test("rows of another shape at the head of a file are broken like any other", async () => {
    const odd = '{"version":1}\n';
    const { told } = await readFiles({ "a.jsonl": `[\n${odd}${line("2")}${odd}`, "b.jsonl": odd.repeat(30) });
    expect(told).toEqual([
      expect.stringMatching(/^a\.jsonl, line 1: not valid JSON/),
      "a.jsonl, line 2, chosen: row 1 (from 0): the field is missing; the row has version",
      "a.jsonl#2",
      "a.jsonl, line 4, chosen: row 3 (from 0): the field is missing; the row has version",
      expect.stringMatching(/^b\.jsonl: no preset knows rows with version; name/),
    ]);
  });

  test("a file of nothing but broken rows tells each", async () => {
    const { told } = await readFiles({ "a.jsonl": "[\n".repeat(45) });
    expect(told).toHaveLength(45);
    expect(told[44]).toMatch(/^a\.jsonl, line 45: not valid JSON/);
  });

  test("an aborted signal rejects with its reason", async () => {
    const stop = new AbortController();
    const { folder } = await readFiles({ "a.jsonl": line("1").repeat(5000) });
    const reading = (async () => {
      for await (const _ of readPreferences(folder, { signal: stop.signal })) stop.abort(new Error("enough"));
    })();
    await expect(reading).rejects.toThrow("enough");
  });
});

describe("broken rows are values, and rows after them follow", () => {
  test("of JSON Lines: not JSON, not UTF-8, another shape, wrong fields, too long", async () => {
    const latin = Buffer.from(line("café"), "latin1");
    const parts = [
      line("0"),
      '{"chosen": [\n',
      latin,
      `${JSON.stringify({ instruction: "other", output: "shape" })}\n`,
      `${JSON.stringify({ ...row("4"), rejected: [{ role: "user", content: "4" }] })}\n`,
      `${JSON.stringify({ ...row("5"), chosen: [{ role: "user", content: 5 }] })}\n`,
      `{"chosen":"${"x".repeat(2000)}"}\n`,
      line("7"),
    ];
    const { told, results } = await readFiles(
      { "a.jsonl": Buffer.concat(parts.map((part) => Buffer.from(part as string))) },
      { maxRowBytes: 1500 },
    );
    expect(told).toEqual([
      "a.jsonl#0",
      expect.stringMatching(/^a\.jsonl, line 2: not valid JSON/),
      expect.stringMatching(/^a\.jsonl, line 3: not UTF-8: byte 0x\w\w at byte \d+ of the file/),
      "a.jsonl, line 4, chosen: row 3 (from 0): the field is missing; the row has instruction, output",
      "a.jsonl, line 5, rejected: row 4 (from 0): expected a conversation that ends with the assistant, got user last",
      "a.jsonl, line 6, chosen[0].content: row 5 (from 0): expected text, got 5",
      "a.jsonl, line 7: the row has 2,013 bytes, the limit is 1,500; shorten it or raise the limit",
      "a.jsonl#7",
    ]);
    expect(results.map(({ where }) => where?.row)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test("a query that is empty is none; one that does not end with the user, or holds half of a character, is broken", async () => {
    const rows = [
      { prompt: " ", chosen: "a", rejected: "b" },
      { prompt: [{ role: "assistant", content: "a" }], chosen: "a", rejected: "b" },
      { prompt: "q", chosen: "a \ud83d", rejected: "b" },
      { prompt: "q", chosen: "a 😀", rejected: "" },
    ];
    const { told } = await readFiles({ "a.json": JSON.stringify(rows) });
    expect(told).toEqual([
      "the query is empty",
      "a.json, line 1, messages: row 1 (from 0): expected a conversation that ends with the user, got assistant last",
      expect.stringContaining("chosen: row 2 (from 0): holds half of a character"),
      "a.json#3",
    ]);
  });

  test("ids that stand there twice are", async () => {
    const normal = { id: "x", messages: [{ role: "user", content: "q" }], chosen: "a", rejected: "b", source: "s" };
    const content = `${JSON.stringify(normal)}\n`;
    const { told } = await readFiles({ "a.jsonl": content, "b.jsonl": content });
    expect(told).toEqual(["x", expect.stringContaining('b.jsonl, line 1, id: row 0 (from 0): the id "x" is also')]);
  });

  test("results keep the order of the rows where rows wait for others", async () => {
    const rated = (prompt: string, helpfulness: number) =>
      `${JSON.stringify({ prompt, response: `${helpfulness}`, helpfulness, correctness: 1, coherence: 1 })}\n`;
    const { results } = await readFiles({
      "a.jsonl": `${rated("p", 1) + rated("p", 2)}{\n${rated("q", 1)}${rated("q", 3)}`,
    });
    expect(results.map(({ where }) => where?.row)).toEqual([0, 1, 2, 3, 4]);
    expect(results.map((result) => (result.ok ? result.pair?.chosen : "broken"))).toEqual([
      ...["2", undefined, "broken", "3", undefined],
    ]);
  });

  test("gzip that breaks off gives what was before, and the next file follows", async () => {
    const noise = Array.from({ length: 400 }, (_, index) => line(`${index} ${Math.sin(index)}`)).join("");
    const whole = gzipSync(noise);
    const { results, told } = await readFiles({
      "a.jsonl.gz": whole.subarray(0, whole.length >> 1),
      "b.jsonl": line("1"),
    });
    const faults = results.filter((result) => !result.ok);
    expect(faults).toHaveLength(1);
    const fault = told.find((one) => one.includes("ends early"));
    expect(fault).toMatch(/^a\.jsonl\.gz: the gzip data ends early, after row \d+ \(rows count from 0\)/);
    expect(told.indexOf(fault!)).toBeGreaterThan(50);
    expect(told.at(-1)).toBe("b.jsonl#0");
  });

  test("Parquet: nested messages are read; without its end no row is", async () => {
    const messages = (name: string) => listOf(name, struct("element", text("role"), text("content")));
    const rows = ["1", "2"].map((query) => row(query));
    const file = parquetOf([
      { schema: messages("chosen"), data: rows.map(({ chosen }) => chosen) },
      { schema: messages("rejected"), data: rows.map(({ rejected }) => rejected) },
      { schema: text("source"), data: rows.map(({ source }) => source) },
    ]);
    const { told, results } = await readFiles({ "a.parquet": file, "b.parquet": file.subarray(0, file.length - 20) });
    expect(told).toEqual(["a.parquet#0", "a.parquet#1", expect.stringMatching(/^b\.parquet: not a complete Parquet/)]);
    expect(results[1]).toMatchObject({
      pair: { messages: [{ role: "user", content: "2" }], source: "skywork-reward-preference-80k/s" },
    });
  });

  test("a line of 50 MB is refused with its place", async () => {
    const long = `{"chosen":"${"x".repeat(50_000_000)}"}\n`;
    const { told } = await readFiles({ "a.jsonl": line("0") + long + line("2") });
    expect(told).toEqual([
      "a.jsonl#0",
      "a.jsonl, line 2: the row has 50,000,013 bytes, the limit is 16,777,216; shorten it or raise the limit",
      "a.jsonl#2",
    ]);
  });
});

describe("named columns", () => {
  const columns = { prompt: "q", chosen: "better", rejected: "worse" };

  test("of CSV, with an id, a strength, a domain and a part of the source", async () => {
    const csv =
      'n,q,better,worse,sure,topic,from\n7,"Why, so?",a,b,0.25,chat,web\n8,"[{""role"":""user"",""content"":""x""}]",a,b,,,\n';
    const { results } = await readFiles(
      { "votes.csv": csv },
      { columns: { ...columns, id: "n", strength: "sure", domain: "topic", source: "from" }, source: "mine" },
    );
    expect(results.map((result) => result.ok && result.pair)).toEqual([
      {
        ...{ id: "7", messages: [{ role: "user", content: "Why, so?" }], chosen: "a", rejected: "b" },
        ...{ source: "mine/web", strength: 0.25, domain: "chat" },
      },
      { id: "8", messages: [{ role: "user", content: "x" }], chosen: "a", rejected: "b", source: "mine" },
    ]);
  });

  test("a column that is missing is named, and a preset beside them is refused", async () => {
    const { told: missing } = await readFiles({ "a.csv": "q,better\n1,2\n" }, { columns });
    expect(missing).toEqual(["a.csv, line 2, worse: row 0 (from 0): the field is missing; the row has q, better"]);
    expect(told(await collect(readPreferences("x", { columns, preset: "hh-rlhf" })))).toEqual([
      "preset: give a preset or columns, not both",
    ]);
  });
});
