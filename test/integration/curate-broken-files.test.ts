import { mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtCli, startCli } from "../built-cli.ts";

const pair = (id: string) => ({
  id,
  messages: [{ role: "user", content: `What is there to say about ${id}?` }],
  ...{ chosen: `Much about ${id}.`, rejected: "Nothing.", source: "made" },
});
const line = (id: string) => `${JSON.stringify(pair(id))}\n`;
const lines = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, at) => line(`${prefix}${at}`)).join("");

/** 50 MB. */
const huge = 50_000_000;

describe("files that are broken", () => {
  let main: string;
  let folder: string;
  let data: string;

  beforeAll(async () => {
    main = await builtCli();
    folder = await mkdtemp(join(tmpdir(), "cerm-broken-"));
    data = join(folder, "data");
    const whole = join(folder, "whole.jsonl");
    await writeFile(whole, lines("p", 500));
    const parquet = join(folder, "whole.parquet");
    expect(await run(["data", "convert", whole, "--out", parquet])).toMatchObject({ code: 0 });
    await mkdir(data);
    const packed = gzipSync(lines("g", 2000));
    await writeFile(join(data, "a-cut.jsonl.gz"), packed.subarray(0, packed.length / 2));
    const bytes = await readFile(parquet);
    await writeFile(join(data, "b-cut.parquet"), bytes.subarray(0, bytes.length - 100));
    const other = JSON.stringify({ prompt: "Another shape?", chosen: "Yes.", rejected: "No." });
    await writeFile(join(data, "c-mixed.jsonl"), `${line("m0")}${other}\n${line("m1")}`);
    const bad = Buffer.concat([
      Buffer.from(`${line("u0")}{"id": "`),
      Buffer.of(0xff),
      Buffer.from(`"}\n${line("u1")}`),
    ]);
    await writeFile(join(data, "d-bytes.jsonl"), bad);
    await using file = await open(join(data, "e-huge.jsonl"), "w");
    await file.writeFile(line("h0"));
    const [before, after] = JSON.stringify({ ...pair("h1"), chosen: "|" }).split("|") as [string, string];
    await file.writeFile(
      `${before}${"word ".repeat((huge - before.length - after.length) / 5)}${after}\n${line("h2")}`,
    );
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function run(args: string[]) {
    return await startCli(main, args).ended;
  }

  /** What is said of each file, in their order. */
  const faults = [
    /a-cut\.jsonl\.gz: the gzip data ends early, after row \d+/,
    /b-cut\.parquet: not a complete Parquet file/,
    /c-mixed\.jsonl, line 2, id: row 1 \(from 0\): the field is missing/,
    /d-bytes\.jsonl, line 2: not UTF-8: byte 0xff/,
    /e-huge\.jsonl, line 2: the row has 49,999,99\d bytes, the limit is 16,777,216/,
  ];

  function expectFaults(text: string) {
    const said = text.split("\n").filter((one) => /^(error|left out): /.test(one));
    expect(said.length).toBe(faults.length);
    for (const [index, fault] of faults.entries()) expect(said[index]).toMatch(fault);
  }

  test("curate leaves them out, counts them and says which", async () => {
    const recipe = join(folder, "skip.yaml");
    await writeFile(recipe, JSON.stringify({ name: "skip", inputs: [{ path: "data" }], stages: ["shape"] }));
    const out = join(folder, "skip");
    const { code, err } = await run(["data", "curate", recipe, "--out", out]);
    expect(code).toBe(0);
    expectFaults(err);
    const report = JSON.parse(await readFile(join(out, "report.json"), "utf8"));
    expect(report.inputs[0]).toMatchObject({ broken: 5, faults: faults.map((fault) => expect.stringMatching(fault)) });
    const [parse] = report.stages;
    expect(parse.before - parse.after).toBe(5);
    const ids = (await readFile(join(out, "train.jsonl"), "utf8")).split("\n").filter(Boolean);
    expect(ids.length).toBe(parse.after);
    expect(ids.slice(-6).map((row) => JSON.parse(row).id)).toEqual(["m0", "m1", "u0", "u1", "h0", "h2"]);
  });

  test.each([
    ["a-cut.jsonl.gz", 0],
    ["b-cut.parquet", 1],
    ["c-mixed.jsonl", 2],
    ["d-bytes.jsonl", 3],
    ["e-huge.jsonl", 4],
  ])("curate refuses %s where the recipe says so, and writes nothing", async (name, index) => {
    const recipe = join(folder, `refuse-${index}.yaml`);
    const inputs = [{ path: join("data", name) }];
    await writeFile(recipe, JSON.stringify({ name: "refuse", onBroken: "refuse", inputs, stages: ["shape"] }));
    const out = join(folder, `refuse-${index}`);
    const { code, err } = await run(["data", "curate", recipe, "--out", out]);
    expect(code).toBe(2);
    expect(err).toMatch(faults[index]!);
    await expect(readFile(join(out, "train.jsonl"))).rejects.toThrow("ENOENT");
  });

  test("a row of 50 MB is taken where the limit allows it", async () => {
    const recipe = join(folder, "huge.yaml");
    const inputs = [{ path: "data/e-huge.jsonl" }];
    const stages = [{ shape: { maxCharacters: 60_000_000 } }, "exact-duplicates", "near-duplicates"];
    await writeFile(recipe, JSON.stringify({ name: "huge", maxRowBytes: 60_000_000, inputs, stages }));
    const { code, err } = await run(["data", "curate", recipe, "--out", join(folder, "huge")]);
    expect(err + code).toMatch(/0$/);
    const rows = (await readFile(join(folder, "huge/train.jsonl"), "utf8")).split("\n").filter(Boolean);
    expect(rows.map((row) => row.length > 1_000_000)).toEqual([false, true, false]);
  });

  test("inspect and convert name them, keep the good rows and end with 2", async () => {
    const inspected = await run(["data", "inspect", data, "--json"]);
    expect(inspected.code).toBe(2);
    expectFaults(inspected.err);
    const { pairs, broken } = JSON.parse(inspected.out);
    expect(broken).toMatchObject({ rows: 3, files: 2 });
    const out = join(folder, "out.jsonl");
    const converted = await run(["data", "convert", data, "--out", out]);
    expect(converted.code).toBe(2);
    expectFaults(converted.err);
    expect((await readFile(out, "utf8")).split("\n").filter(Boolean).length).toBe(pairs);
  });
});
