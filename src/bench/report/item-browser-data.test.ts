import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../data/test-helpers.ts";
import type { RunItem } from "../run/index.ts";
import { type ItemEntry, packItems } from "./item-browser-data.ts";
import { writeFixtureRun } from "./testing/fixture-run.ts";

async function* stream(items: RunItem[]) {
  yield* items;
}

const unpack = (packed: string) => JSON.parse(gunzipSync(Buffer.from(packed, "base64")).toString("utf8"));

async function entriesOf(items: RunItem[]): Promise<ItemEntry[]> {
  return unpack((await packItems(stream(items), 1e9)).index);
}

test("outcomes of pairs, ties and unscored responses are told apart", async () => {
  const [item] = await writeFixtureRun(await temporaryFolder(), { benchmarks: ["rewardbench-2"], items: 1 });
  const entries = await entriesOf([
    { ...item!, hard: [5, 5, 3, 7] },
    { ...item!, hard: [5, null, 3, 4] },
    { ...item!, hard: [null, 1, 2, 3] },
  ]);
  expect(entries[0]).toMatchObject({ wins: 1, ties: 1, losses: 1, unscored: 0 });
  expect(entries[1]).toMatchObject({ wins: 2, ties: 0, losses: 0, unscored: 1 });
  expect(entries[2]).toMatchObject({ wins: 0, ties: 0, losses: 0, unscored: 1 });
});

test("outcomes are by the kind of score that the benchmark's numbers are of", async () => {
  const [item] = await writeFixtureRun(await temporaryFolder(), { benchmarks: ["llmbar"], items: 1 });
  const scored = { ...item!, hard: [5, 5], expected: [5.2, 4.9] };
  const packed = await packItems(stream([scored]), 1e9, (name) => (name === "llmbar" ? "expected" : "hard"));
  expect(unpack(packed.index)[0]).toMatchObject({ wins: item!.pairs[0]![0] === 0 ? 1 : 0, ties: 0, unscored: 0 });
  expect((await entriesOf([scored]))[0]).toMatchObject({ wins: 0, ties: 1, losses: 0 });
});

test("outcomes of comparisons: for the better response, against it, cancelled, unreadable", async () => {
  const [item] = await writeFixtureRun(await temporaryFolder(), { benchmarks: ["llmbar"], items: 1, mode: "pairwise" });
  const said = (verdicts: NonNullable<RunItem["pairwise"]>[number]["verdicts"], preferred: number | null): RunItem => ({
    ...item!,
    pairwise: [{ a: 0, b: 1, verdicts, preferred, texts: ["", ""] }],
  });
  const entries = await entriesOf([
    said(["A", "B"], 0),
    said(["B", "A"], 1),
    said(["A", "A"], null),
    said([null, "A"], 1),
  ]);
  expect(entries[0]).toMatchObject({ wins: 1, ties: 0, losses: 0, unscored: 0 });
  expect(entries[1]).toMatchObject({ wins: 0, losses: 1 });
  expect(entries[2]).toMatchObject({ ties: 1 });
  expect(entries[3]).toMatchObject({ losses: 1, unscored: 1 });
});

test("many items are packed in several chunks, each item where its entry says", async () => {
  const items = await writeFixtureRun(await temporaryFolder(), { benchmarks: ["rm-bench"], items: 300 });
  const { index, chunks } = await packItems(stream(items), 1e9);
  expect(chunks.length).toBeGreaterThan(1);
  const unpacked = chunks.map(unpack);
  (unpack(index) as ItemEntry[]).forEach((entry, row) => {
    expect(unpacked[entry.chunk!][entry.place!].messages).toEqual(items[row]!.input.messages);
  });
});

test("packing stops at the limit, what is packed stays whole", async () => {
  const items = await writeFixtureRun(await temporaryFolder(), { benchmarks: ["rm-bench"], items: 300 });
  const { index, chunks, withoutTexts } = await packItems(stream(items), 1);
  expect(chunks).toHaveLength(1);
  const entries = unpack(index) as ItemEntry[];
  expect(entries.filter(({ chunk }) => chunk === undefined)).toHaveLength(withoutTexts);
  expect(unpack(chunks[0]!)).toHaveLength(300 - withoutTexts);
});
