import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PreferencePair } from "../core/preference-pair.ts";
import { readPreferences } from "./read-preferences.ts";
import { collect, temporaryFolder } from "./test-helpers.ts";
import { writePreferences } from "./write-preferences.ts";

const anyText = fc.string({ unit: "binary", maxLength: 40 });
const pair: fc.Arbitrary<PreferencePair> = fc.record(
  {
    id: fc.uuid(),
    messages: fc
      .tuple(
        fc.array(fc.record({ role: fc.constantFrom("user" as const, "assistant" as const), content: anyText }), {
          maxLength: 3,
        }),
        anyText.filter((content) => content.trim() !== ""),
      )
      .map(([before, content]) => [...before, { role: "user" as const, content }]),
    chosen: anyText,
    rejected: anyText,
    source: anyText,
    strength: fc
      .double({ min: 0, max: 1, noNaN: true, noDefaultInfinity: true })
      .filter((value) => !Object.is(value, -0)),
    domain: anyText.filter((text) => text !== ""),
  },
  { requiredKeys: ["id", "messages", "chosen", "rejected", "source"] },
);

async function* streamOf(pairs: PreferencePair[]): AsyncGenerator<PreferencePair> {
  yield* pairs;
}

describe("what was written reads back word for word", () => {
  test.each([
    ["pairs.jsonl", 40],
    ["pairs.jsonl.gz", 40],
    ["pairs.parquet", 15],
  ])(
    "%s",
    async (name, numRuns) => {
      const file = join(await temporaryFolder(), name);
      const lists = fc.uniqueArray(pair, { selector: ({ id }) => id, minLength: 1, maxLength: 20 });
      await fc.assert(
        fc.asyncProperty(lists, async (pairs) => {
          expect(await writePreferences(file, streamOf(pairs))).toBe(pairs.length);
          const results = await collect(readPreferences(file));
          expect(results.map((result) => (result.ok ? result.pair : result.error.message))).toEqual(pairs);
        }),
        { numRuns },
      );
    },
    60_000,
  );
});

const two: PreferencePair[] = ["a", "b"].map((id) => ({
  ...{ id, messages: [{ role: "user", content: "q" }], chosen: "x", rejected: "y", source: "s" },
}));

test.each(["jsonl", "jsonl.gz", "parquet"])("equal pairs give equal bytes: %s", async (ending) => {
  const folder = await temporaryFolder();
  await writePreferences(join(folder, `one.${ending}`), streamOf(two));
  await writePreferences(join(folder, `two.${ending}`), streamOf(two));
  expect(await readFile(join(folder, `one.${ending}`))).toEqual(await readFile(join(folder, `two.${ending}`)));
});

test("rows of megabytes go into Parquet", async () => {
  const file = join(await temporaryFolder(), "long.parquet");
  const long = { ...two[0]!, chosen: "long text ".repeat(600_000) };
  await writePreferences(file, streamOf([long]));
  const [result] = await collect(readPreferences(file));
  expect(result).toMatchObject({ pair: { chosen: long.chosen } });
});

test("a failure leaves what was there, and nothing else", async () => {
  const folder = await temporaryFolder();
  const file = join(folder, "pairs.jsonl");
  await writeFile(file, "before");
  const failing = async function* () {
    yield two[0]!;
    throw new Error("stopped");
  };
  await expect(writePreferences(file, failing())).rejects.toThrow("stopped");
  expect(await readdir(folder)).toEqual(["pairs.jsonl"]);
  expect(await readFile(file, "utf8")).toBe("before");
});

test("an interruption does too, with the signal's reason", async () => {
  const folder = await temporaryFolder();
  const stop = new AbortController();
  const endless = async function* () {
    for (;;) {
      await new Promise(setImmediate);
      yield two[0]!;
    }
  };
  const writing = writePreferences(join(folder, "pairs.parquet"), endless(), { signal: stop.signal });
  setTimeout(() => stop.abort(new Error("enough")), 20);
  await expect(writing).rejects.toThrow("enough");
  expect(await readdir(folder)).toEqual([]);
});

test("names and places that cannot be written are said", async () => {
  await expect(writePreferences("pairs.csv", streamOf(two))).rejects.toThrow(
    "pairs.csv: expected a name that ends in .jsonl, .jsonl.gz or .parquet",
  );
  const missing = join(await temporaryFolder(), "no", "pairs.jsonl");
  await expect(writePreferences(missing, streamOf(two))).rejects.toThrow(/pairs\.jsonl: there is no such/);
});
