import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { runCli } from "../../../test/run-cli.ts";
import { readPreferences } from "../../data/read-preferences.ts";
import { collect, temporaryFolder } from "../../data/test-helpers.ts";

const vote = (label: number, prompt = "Why?") => ({
  ...{ scenario: "chat", label, prompt, "response 1": "one, the longer", "response 2": "two" },
});
const jsonLines = (rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

let folder: string;
let votes: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  votes = join(folder, "votes.jsonl");
  await writeFile(votes, jsonLines([vote(0), vote(1), vote(2)]));
});

describe("cerm data convert", () => {
  test.each(["out.jsonl", "out.jsonl.gz", "out.parquet"])("to %s", async (name) => {
    const out = join(folder, name);
    const { code, notes } = await runCli(["data", "convert", votes, "--out", out]);
    expect({ code, notes }).toEqual({
      code: 0,
      notes: [`convert: 2 pairs, 1 rows without a pair (see cerm data inspect) -> ${out}`],
    });
    const results = await collect(readPreferences(out));
    expect(results).toMatchObject([
      { pair: { id: "votes.jsonl#0", chosen: "one, the longer", source: "auto-j", domain: "chat" } },
      { pair: { id: "votes.jsonl#1", chosen: "two" } },
    ]);
  });

  test("broken rows are reported and left out, the good ones are kept, the exit code is 2", async () => {
    await writeFile(votes, `${jsonLines([vote(0)])}{"a\n${jsonLines([vote(9), vote(1)])}`);
    const out = join(folder, "out.jsonl");
    const { code, notes, json } = await runCli(["data", "convert", votes, "--out", out, "--json"]);
    expect(code).toBe(2);
    expect(notes).toEqual([
      expect.stringMatching(/^error: .*votes\.jsonl, line 2: not valid JSON/),
      expect.stringMatching(/^error: .*votes\.jsonl, line 3, label: row 2 \(from 0\): expected 0, 1 or 2, got 9/),
      `convert: 2 pairs, 2 broken rows left out -> ${out}`,
    ]);
    expect(json()).toEqual([{ pairs: 2, none: 0, broken: { rows: 2, files: 0 }, out }]);
    expect((await readFile(out, "utf8")).split("\n")).toHaveLength(3);
  });

  test("interrupted, it leaves what was there, and says so", async () => {
    await writeFile(votes, jsonLines(Array.from({ length: 20_000 }, () => vote(0))));
    const out = join(folder, "out.jsonl");
    await writeFile(out, "before\n");
    const listeners = process.listenerCount("SIGINT");
    const ended = runCli(["data", "convert", votes, "--out", out]);
    while (process.listenerCount("SIGINT") === listeners) await new Promise(setImmediate);
    process.emit("SIGINT");
    expect(await ended).toMatchObject({ code: 130, notes: [`interrupted; nothing was written to ${out}`] });
    expect(await readFile(out, "utf8")).toBe("before\n");
    expect((await readdir(folder)).sort()).toEqual(["out.jsonl", "votes.jsonl"]);
  });

  test("columns, a source and a limit", async () => {
    const csv = join(folder, "rows.csv");
    await writeFile(csv, "q,good,bad,n\nWhy?,yes,no,7\nHow?,so,not,8\n");
    const out = join(folder, "out.jsonl");
    const columns = ["--columns", "prompt=q,chosen=good", "--columns", "rejected=bad,id=n"];
    const more = ["--source", "mine", "--limit", "1"];
    expect((await runCli(["data", "convert", csv, ...columns, ...more, "--out", out])).code).toBe(0);
    expect(JSON.parse(await readFile(out, "utf8"))).toEqual({
      ...{ id: "7", messages: [{ role: "user", content: "Why?" }], chosen: "yes", rejected: "no", source: "mine" },
    });
  });

  test.each([
    [["--out", "x.csv"], /x\.csv: expected a name that ends in \.jsonl, \.jsonl\.gz or \.parquet/],
    [["--out", "x.jsonl", "--preset", "autoj"], /there is no preset "autoj".*did you mean "auto-j"\?/],
    [["--out", "x.jsonl", "--columns", "chosen=a"], /names no column of the rejected response: add rejected=COLUMN/],
    [["--out", "x.jsonl", "--columns", "query=a"], /Expected part=column with a part of prompt, chosen/],
    [["--out", "x.jsonl", "--columns", "chosen=a,rejected=b", "--preset", "pairs"], /a preset or columns, not both/],
    [["--out", "VOTES"], /is one of the files that are read/],
    [[], /required option '--out <file>' not specified/],
  ])("refuses %j", async (options, message) => {
    const args = options.map((option) => (option === "VOTES" ? votes : option));
    const { code, notes } = await runCli(["data", "convert", votes, ...args]);
    expect(code).toBe(2);
    expect(notes.join("\n")).toMatch(message);
  });

  test("input without a pair writes nothing", async () => {
    await writeFile(votes, jsonLines([vote(2)]));
    const out = join(folder, "out.jsonl");
    const { code, notes } = await runCli(["data", "convert", votes, "--out", out]);
    expect({ code, notes }).toEqual({ code: 2, notes: ["error: nothing is written: there is no pair in the input"] });
    await expect(readFile(out)).rejects.toThrow("ENOENT");
  });
});

describe("cerm data inspect", () => {
  test("for people", async () => {
    const { code, out } = await runCli(["data", "inspect", votes, "--examples", "1"]);
    expect(code).toBe(0);
    const text = out.join("\n");
    expect(text).toContain("2 pairs in 3 rows\n1 rows without a pair: tie");
    expect(text).toMatch(/votes\.jsonl +auto-j +none named +no\n/);
    expect(text).toContain(
      "the chosen response is the longer one in 50.0 % (95 % interval 9.5 % to 90.5 %) of 2 pairs",
    );
    expect(text).toContain("1 contradictions");
    expect(text).toContain("the source says nothing about it");
    expect(text).toMatch(/Examples\nvotes\.jsonl#\d\n {2}query +Why\?\n/);
  });

  test("as JSON, with faults on standard error and exit code 2", async () => {
    await writeFile(votes, `[1]\n${jsonLines([vote(0)])}`);
    const { code, notes, json } = await runCli(["data", "inspect", votes, "--json"]);
    expect(code).toBe(2);
    expect(notes).toEqual([expect.stringMatching(/votes\.jsonl, line 1: expected a JSON object, got a list of 1/)]);
    expect(json()).toMatchObject([{ rows: 2, pairs: 1, broken: { rows: 1, files: 0 }, sources: [{ name: "auto-j" }] }]);
  });

  test("input in which there is no pair has no tables", async () => {
    await writeFile(votes, jsonLines([vote(2)]));
    const { code, out } = await runCli(["data", "inspect", votes]);
    expect(code).toBe(0);
    expect(out.join("\n")).toMatch(/^0 pairs in 1 rows\n1 rows without a pair: tie\n\nFILE/);
  });

  test("a file that is not there is bad usage", async () => {
    expect(await runCli(["data", "inspect", join(folder, "none.jsonl")])).toMatchObject({
      ...{ code: 2, out: [], notes: [expect.stringContaining("none.jsonl: there is no such file")] },
    });
  });
});

test("cerm data presets lists licences", async () => {
  const { out } = await runCli(["data", "presets"]);
  expect(out[0]).toMatch(/helpsteer-3 +HelpSteer3-Preference +yes +CC-BY-4\.0\n/);
  const [entries] = (await runCli(["data", "presets", "--json"])).json() as [{ name: string; caveat: string | null }[]];
  expect(entries.find(({ name }) => name === "pandalm")).toMatchObject({
    caveat: expect.stringContaining("AlpacaEval"),
  });
});
