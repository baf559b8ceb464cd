import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { parquetMetadata } from "hyparquet";
import { expect, test } from "vitest";
import { listOf, parquetOf, struct, text } from "./parquet-test-helpers.ts";
import { readParquetRows } from "./read-parquet-rows.ts";
import { readRows } from "./read-rows.ts";
import { collect, streamOf, temporaryFolder } from "./test-helpers.ts";

async function fileWith(bytes: Uint8Array, name = "x.parquet"): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, bytes);
  return path;
}

const ordinal = (rows: number) => Array.from({ length: rows }, (_, index) => `row ${index}`);

test("cells become JSON values: lists, structs, big integers, dates, nulls", async () => {
  const path = await fileWith(
    parquetOf([
      { schema: text("t"), data: ["é", null] },
      { schema: listOf("l", text("element")), data: [["a", "b"], []] },
      {
        schema: listOf("m", struct("element", text("role"), text("name"))),
        data: [[{ role: "user", name: null }], [{ role: "user", name: "n" }]],
      },
      { schema: [{ name: "n", type: "INT64", repetition_type: "OPTIONAL" }], data: [5n, 2n ** 60n] },
      {
        schema: [{ name: "d", type: "INT64", converted_type: "TIMESTAMP_MILLIS", repetition_type: "OPTIONAL" }],
        data: [new Date(0), new Date(1000)],
      },
    ]),
  );
  expect(await collect(readRows(path))).toEqual([
    {
      ok: true,
      value: { t: "é", l: ["a", "b"], m: [{ role: "user" }], n: 5, d: "1970-01-01T00:00:00.000Z" },
      where: { file: path, row: 0 },
    },
    {
      ok: true,
      value: { t: null, l: [], m: [{ role: "user", name: "n" }], n: String(2n ** 60n), d: "1970-01-01T00:00:01.000Z" },
      where: { file: path, row: 1 },
    },
  ]);
});

test.each([
  { rowGroupSize: 7, offsetIndex: false },
  { rowGroupSize: 1000, offsetIndex: true, pageSize: 200 },
  { rowGroupSize: 1000, offsetIndex: false, pageSize: 200 },
])("rows come in order over row groups and slices: %j", async (layout) => {
  const path = await fileWith(parquetOf([{ schema: text("t"), data: ordinal(700) }], layout));
  const rows = await collect(readParquetRows(path, { file: "x", sliceBytes: 500 }));
  expect(rows.map((row) => row.ok && [row.value.t, row.where.row])).toEqual(
    ordinal(700).map((value, index) => [value, index]),
  );
});

test("only the named columns are read, and they must be there", async () => {
  const path = await fileWith(
    parquetOf([
      { schema: text("a"), data: ["1"] },
      { schema: text("b"), data: ["2"] },
    ]),
  );
  expect(await collect(readRows(path, { columns: ["b"] }))).toMatchObject([{ value: { b: "2" } }]);
  expect((await collect(readRows(path, { columns: ["b"] })))[0]).not.toHaveProperty("value.a");
  const [missing] = await collect(readRows(path, { columns: ["c"] }));
  expect(!missing!.ok && missing!.error.message).toBe(`${path}: there is no column "c"; the columns are "a", "b"`);
});

test("standard input, a stream and a .gz file are read like a file", async () => {
  const bytes = parquetOf([{ schema: text("a"), data: ["1", "2"] }]);
  const values = [{ value: { a: "1" } }, { value: { a: "2" } }];
  expect(await collect(readRows(streamOf(bytes, 10), { format: "parquet" }))).toMatchObject(values);
  expect(await collect(readRows("-", { stdin: streamOf(bytes), format: "parquet" }))).toMatchObject(values);
  expect(await collect(readRows(await fileWith(gzipSync(bytes), "x.parquet.gz")))).toMatchObject(values);
});

test("a truncated file is one error that says no row can be read", async () => {
  const bytes = parquetOf([{ schema: text("a"), data: ordinal(100) }]);
  for (const length of [0, 3, 11, bytes.length >> 1, bytes.length - 1]) {
    const path = await fileWith(bytes.subarray(0, length));
    const rows = await collect(readRows(path));
    expect(rows.map((row) => !row.ok && row.error.message)).toEqual([
      expect.stringContaining(
        `${path}: not a complete Parquet file, no row can be read: its end is missing or damaged`,
      ),
    ]);
  }
  const packed = gzipSync(bytes);
  const cut = await collect(readRows(streamOf(packed.subarray(0, -9)), { format: "parquet", name: "x.parquet.gz" }));
  expect(cut.map((row) => !row.ok && row.error.message)).toEqual([
    "x.parquet.gz: the gzip data ends early, before the first row; copy or download the file again",
  ]);
});

test("a damaged row group is one error that names its rows; the others are read", async () => {
  const bytes = parquetOf([{ schema: text("a"), data: ordinal(30) }], { rowGroupSize: 10, offsetIndex: false });
  const at = Number(parquetMetadata(bytes).row_groups[1]!.columns[0]!.meta_data!.data_page_offset);
  bytes.fill(0xff, at, at + 8);
  const rows = await collect(readRows(await fileWith(bytes)));
  expect(rows.filter((row) => row.ok).map((row) => row.ok && row.where.row)).toEqual([
    ...Array.from({ length: 10 }, (_, index) => index),
    ...Array.from({ length: 10 }, (_, index) => index + 20),
  ]);
  expect(rows.flatMap((row) => (row.ok ? [] : row.error.message))).toEqual([
    expect.stringMatching(
      /: rows 10 to 19 \(from 0\) of row group 1 cannot be read \(.+\); the file is damaged or cut/,
    ),
  ]);
});

test("text that is not UTF-8 is named with row and column", async () => {
  const bytes = parquetOf([{ schema: text("a"), data: ["good", "b@d", "fine"] }]);
  bytes[bytes.indexOf("b@d") + 1] = 0xff;
  const rows = await collect(readRows(streamOf(bytes), { format: "parquet", name: "x.parquet" }));
  expect(rows.map((row) => (row.ok ? row.value.a : row.error.message))).toEqual([
    "good",
    "x.parquet, a: row 1 (from 0): not UTF-8",
    "fine",
  ]);
});
