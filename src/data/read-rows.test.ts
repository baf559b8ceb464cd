import { appendFile, mkdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type ReadRowsOptions, readRows } from "./read-rows.ts";
import { collect, streamOf, temporaryFolder } from "./test-helpers.ts";

/** Rows as values, errors as messages. */
async function read(content: string | Uint8Array, options: ReadRowsOptions = {}): Promise<unknown[]> {
  const rows = await collect(readRows(streamOf(content), options));
  return rows.map((row) => (row.ok ? row.value : row.error.message));
}

test("JSON Lines: places count lines from 1 and rows from 0, blank lines aside", async () => {
  const rows = await collect(readRows(streamOf('\ufeff{"a":1}\r\n\n  \n{"a":2}\nno\n{"a":3}'), { name: "x.jsonl" }));
  expect(rows.map((row) => (row.ok ? [row.value.a, row.where] : row.error.where))).toEqual([
    [1, { file: "x.jsonl", row: 0, line: 1 }],
    [2, { file: "x.jsonl", row: 1, line: 4 }],
    { file: "x.jsonl", line: 5 },
    [3, { file: "x.jsonl", row: 3, line: 6 }],
  ]);
});

test("a broken line 1,000 is one error and the lines around it are read", async () => {
  const lines = Array.from({ length: 2000 }, (_, index) => (index === 999 ? '{"n": 99' : `{"n":${index}}`));
  const rows = await collect(readRows(streamOf(lines.join("\n"), 777)));
  expect(rows.filter((row) => row.ok)).toHaveLength(1999);
  const broken = rows[999]!;
  expect(broken.ok ? undefined : broken.error.message).toMatch(
    /^stdin, line 1000: not valid JSON \(.*\): "\{\\"n\\": 99"/,
  );
  expect(rows[1000]).toMatchObject({ ok: true, value: { n: 1000 }, where: { line: 1001, row: 1000 } });
});

test("what is not an object is named", async () => {
  expect(await read('5\n[1]\nnull\n"a"')).toEqual([
    "stdin, line 1: expected a JSON object, got 5",
    "stdin, line 2: expected a JSON object, got a list of 1",
    "stdin, line 3: expected a JSON object, got null",
    'stdin, line 4: expected a JSON object, got "a"',
  ]);
});

test.each([1, 3, 1000])("bytes that are not UTF-8 are named with line and byte (chunks of %i)", async (chunkBytes) => {
  const content = Buffer.concat([
    Buffer.from('{"a":"é"}\n{"a":"'),
    Buffer.from([0xc3, 0x28]),
    Buffer.from('"}\n{"a":3}'),
  ]);
  const rows = await collect(readRows(streamOf(content, chunkBytes)));
  expect(rows.map((row) => (row.ok ? row.value : row.error.message))).toEqual([
    { a: "é" },
    expect.stringContaining("stdin, line 2: not UTF-8: byte 0x28 at byte 18 of the file"),
    { a: 3 },
  ]);
});

test("a row beyond the limit is reported with its size and skipped", async () => {
  const content = `{"a":1}\n{"a":"${"x".repeat(5000)}"}\n{"a":3}`;
  expect(await read(content, { maxRowBytes: 1000 })).toEqual([
    { a: 1 },
    "stdin, line 2: the row has 5,008 bytes, the limit is 1,000; shorten it or raise the limit",
    { a: 3 },
  ]);
  const json = `[{"a":1},\n{"a":"${"x".repeat(5000)}"}, {"a":3}]`;
  expect(await read(json, { format: "json", maxRowBytes: 1000 })).toEqual([
    { a: 1 },
    expect.stringContaining("line 2: the row has 5,008 bytes"),
    { a: 3 },
  ]);
  const csv = `a\n1\n"${"x\n".repeat(2500)}"\n3`;
  expect(await read(csv, { format: "csv", maxRowBytes: 1000 })).toEqual([
    { a: "1" },
    expect.stringContaining("line 3: the row has 5,002 bytes"),
    { a: "3" },
  ]);
});

test("JSON: an array is read element by element and damage stays in its element", async () => {
  const content = '[\n {"a": [1, {"b": "]},"}]},\n {"a" 2},\n {"a": "\\"}"},\n {"a": [1}, {"a": 5},\n {"a": 6\n]';
  const rows = await collect(readRows(streamOf(content, 2), { format: "json" }));
  expect(rows.map((row) => (row.ok ? [row.value.a, row.where.row] : row.error.where.line))).toEqual([
    [[1, { b: "]}," }], 0],
    3,
    ['"}', 2],
    5,
    [5, 4],
    6,
  ]);
});

test.each([
  ["", "line 1: the file is empty; expected one array"],
  [
    '{"a":1}\n{"a":2}',
    "line 1: not a JSON array; expected one array of objects (for one object a line name the file .jsonl",
  ],
  ["[]\n]", "line 2: there is text after the end of the array"],
])("JSON: %j is not one array", async (content, message) => {
  expect(await read(content, { format: "json" })).toEqual([expect.stringContaining(`stdin, ${message}`)]);
});

test("JSON: a truncated array gives its complete elements, then an error; an empty one gives nothing", async () => {
  expect(await read('[{"a":1},{"a":2},{"a":', { format: "json" })).toEqual([
    { a: 1 },
    { a: 2 },
    expect.stringContaining("stdin, line 1: the file ends inside the array, after 2 complete elements"),
  ]);
  expect(await read(" [ ] ", { format: "json" })).toEqual([]);
  expect(await read('[{"a":1},]', { format: "json" })).toEqual([{ a: 1 }, expect.stringContaining("not valid JSON")]);
});

test("CSV: quoted commas, quotes and line ends; lines are those on which records start", async () => {
  const content = '\ufeffid,text\r\n1,"a, ""b""\r\nc"\r\n2,\r\n\r\n3,"x"\r\n';
  const rows = await collect(readRows(streamOf(content, 1), { format: "csv", name: "x.csv" }));
  expect(rows).toEqual([
    { ok: true, value: { id: "1", text: 'a, "b"\r\nc' }, where: { file: "x.csv", row: 0, line: 2 } },
    { ok: true, value: { id: "2", text: "" }, where: { file: "x.csv", row: 1, line: 4 } },
    { ok: true, value: { id: "3", text: "x" }, where: { file: "x.csv", row: 2, line: 6 } },
  ]);
});

test("CSV: broken records are named and the ones after them are read", async () => {
  const content = 'a,b\n1,2\n1,2,3\n1,x"y\n"p"q,2\n5,6\n7,"open\n8,9\n';
  expect(await read(content, { format: "csv" })).toEqual([
    { a: "1", b: "2" },
    "stdin, line 3: expected 2 fields (as many as columns are named), got 3; quote fields that hold commas",
    expect.stringContaining("stdin, line 4: not valid CSV: a quote stands inside a field"),
    expect.stringContaining("stdin, line 5: not valid CSV: a closing quote is followed by"),
    { a: "5", b: "6" },
    "stdin, line 7: not valid CSV: a quote is opened and never closed",
  ]);
});

test("CSV: faults of the column names concern the whole file", async () => {
  expect(await read("", { format: "csv" })).toEqual(["stdin: the file is empty; expected a line of column names"]);
  expect(await read("a,b,a\n1,2,3", { format: "csv" })).toEqual([
    'stdin, line 1: two columns are named "a"; rename one',
  ]);
  expect(await read("a,b\n1,2", { format: "csv", columns: ["a", "c"] })).toEqual([
    'stdin, line 1: there is no column "c"; the columns are "a", "b"',
  ]);
});

test("gzip is seen by its bytes; a truncated one gives the rows before the cut, then an error that says after which", async () => {
  const text = Array.from({ length: 5000 }, (_, index) => JSON.stringify({ n: index, x: Math.sin(index) })).join("\n");
  const packed = gzipSync(text);
  expect(await read(packed)).toHaveLength(5000);

  const cut = await collect(readRows(streamOf(packed.subarray(0, packed.length >> 1), 1000), { name: "x.jsonl.gz" }));
  const good = cut.filter((row) => row.ok);
  expect(good.length).toBeGreaterThan(1500);
  expect(cut.slice(good.length).map((row) => !row.ok && row.error.message)).toEqual([
    `x.jsonl.gz: the gzip data ends early, after row ${good.length - 1} (rows count from 0); copy or download the file again`,
  ]);
  expect(await read(gzipSync("a\n1\n2").subarray(0, -4), { format: "csv" })).toEqual([
    { a: "1" },
    expect.stringContaining("the gzip data ends early"),
  ]);
});

test("damaged gzip and a .gz name without gzip are errors", async () => {
  const packed = gzipSync('{"a":1}\n'.repeat(100));
  packed[packed.length - 6]! ^= 0xff;
  expect(await read(packed)).toEqual([
    "stdin: the gzip data is damaged (incorrect data check), before the first row; copy or download the file again",
  ]);
  expect(await read('{"a":1}', { name: "x.jsonl.gz" })).toEqual([
    "x.jsonl.gz: is named .gz and is not gzip; rename it or compress it",
  ]);
});

test("paths, standard input and formats by name", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "rows.ndjson");
  await writeFile(path, '{"a":1}\n');
  expect(await collect(readRows(path))).toEqual([
    { ok: true, value: { a: 1 }, where: { file: path, row: 0, line: 1 } },
  ]);
  expect(await collect(readRows("-", { stdin: streamOf('{"a":2}') }))).toMatchObject([
    { value: { a: 2 }, where: { file: "stdin" } },
  ]);
  await writeFile(join(folder, "rows.json"), '[{"a":3}]');
  expect(await collect(readRows(join(folder, "rows.json")))).toMatchObject([{ value: { a: 3 } }]);
});

test("a file that cannot be read is one error that says why", async () => {
  const folder = await temporaryFolder();
  const messages = async (path: string) => (await collect(readRows(path))).map((row) => !row.ok && row.error.message);
  for (const extension of ["jsonl", "parquet"]) {
    const missing = join(folder, `missing.${extension}`);
    expect(await messages(missing)).toEqual([`${missing}: there is no such file; check the path`]);
  }
  expect(await messages("rows.xlsx")).toEqual([
    expect.stringContaining('rows.xlsx: cannot tell the format from extension ".xlsx"'),
  ]);
  expect(await messages("rows")).toEqual([expect.stringContaining("no file extension; expected .jsonl")]);
  for (const extension of ["jsonl", "parquet"]) {
    const inner = join(folder, `folder.${extension}`);
    await mkdir(inner);
    expect(await messages(inner)).toEqual([`${inner}: is a folder; name a file in it`]);
  }
});

test("an aborted signal rejects with its reason, also while waiting for input", async () => {
  const controller = new AbortController();
  const endless = new Readable({ read() {} });
  endless.push('{"a":1}\n');
  const rows = readRows(endless, { signal: controller.signal });
  expect((await rows.next()).value).toMatchObject({ ok: true });
  const reason = new Error("enough");
  setTimeout(() => controller.abort(reason), 5);
  await expect(rows.next()).rejects.toBe(reason);
  await expect(readRows(streamOf("{}"), { signal: controller.signal }).next()).rejects.toBe(reason);
});

test("streams of text and of plain byte arrays are read, too", async () => {
  const line = '{"a":"é"}';
  for (const chunks of [[line], [new TextEncoder().encode(line)]]) {
    expect(await collect(readRows(Readable.from(chunks)))).toMatchObject([{ value: { a: "é" } }]);
  }
});

test("a consumer that stops early closes the stream", async () => {
  const stream = streamOf('{"a":1}\n{"a":2}\n'.repeat(10_000), 100);
  for await (const row of readRows(stream)) {
    expect(row.ok).toBe(true);
    break;
  }
  expect(stream.destroyed).toBe(true);
});

test("no bytes make a reader throw", async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.string({
      unit: fc.constantFrom('"', ",", "\n", "\r", "{", "}", "[", "]", "a", "1", "\\", " ", ":"),
      maxLength: 60,
    }),
  );
  const options = fc.constantFrom("jsonl" as const, "json" as const, "csv" as const);
  await fc.assert(
    fc.asyncProperty(bytes, options, fc.integer({ min: 1, max: 9 }), async (content, format, chunkBytes) => {
      const whole = await collect(readRows(streamOf(content), { format }));
      const pieces = await collect(readRows(streamOf(content, chunkBytes), { format }));
      expect(pieces).toEqual(whole);
    }),
    { numRuns: 200 },
  );
});

test("a truncated file on disk is read up to its end", async () => {
  const path = join(await temporaryFolder(), "rows.jsonl");
  await appendFile(path, '{"a":1}\n{"a":2}\n');
  await truncate(path, 12);
  expect((await collect(readRows(path))).map((row) => row.ok)).toEqual([true, false]);
});
