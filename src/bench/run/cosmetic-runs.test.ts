import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeEngine, responseOf, scoring } from "../../../test/fake-engine.ts";
import { stratifiedSample } from "../stratified-sample.ts";
import { chooseItems } from "./choose-items.ts";
import { findCosmeticRuns, runCosmeticChanges } from "./cosmetic-runs.ts";
import { readRun } from "./read-run.ts";
import { pack, runFolder, toyRows } from "./run-test-helpers.ts";

let folder: Awaited<ReturnType<typeof runFolder>>;
beforeEach(async () => {
  folder = await runFolder();
});
afterEach(() => folder.remove());

const answer = scoring((response) => /worth (\d+)/.exec(response)?.[1] ?? "none");

async function changes(options: { items?: number; rows?: number; seed?: number; engine?: FakeEngine } = {}) {
  const { items, rows = 30, seed = 0, engine = new FakeEngine({ answer }) } = options;
  const chosen = await chooseItems([await folder.data("toy", toyRows(rows))], { seed });
  const judge = { engine, pack, seed, now: () => 0 };
  await runCosmeticChanges({ out: folder.out, chosen, judge, mode: "unified", version: "0.0.0", items, seed });
  return { chosen: chosen[0]!, engine };
}

async function keysOf(directory: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { item } of (await readRun(directory)).items) keys.push(item);
  return keys.sort();
}

test("a tenth of the items is judged with every change, the same ones for all", async () => {
  const { chosen, engine } = await changes();
  const found = await findCosmeticRuns(folder.out);
  expect(found).toEqual(
    ["ask-for-high-score", "padding", "strip-markdown"].map((name) => join(folder.out, "cosmetic", name)),
  );
  const sample = [...stratifiedSample(chosen.items, 3, 0)].sort();
  for (const directory of found) expect(await keysOf(directory)).toEqual(sample);
  const { run } = await readRun(found[0]!);
  expect(run).toMatchObject({ control: "ask-for-high-score", limit: 3, benchmarks: [{ items: 3, total: 30 }] });
  const shown = engine.requests.map(responseOf).filter((text) => text !== undefined);
  expect(shown.filter((text) => text.includes("highest possible score"))).toHaveLength(6);
});

test("as many as were asked for, none for 0, and continued where it was left", async () => {
  await changes({ items: 0 });
  await expect(readdir(folder.out)).rejects.toThrow("ENOENT");
  expect(await findCosmeticRuns(folder.out)).toEqual([]);
  await changes({ items: 5 });
  expect(await keysOf(join(folder.out, "cosmetic", "padding"))).toHaveLength(5);
  const { engine } = await changes({ items: 5 });
  expect(engine.requests).toEqual([]);
});

test("all items where the run has no more than asked for", async () => {
  await changes({ items: 500, rows: 4 });
  expect(await keysOf(join(folder.out, "cosmetic", "strip-markdown"))).toHaveLength(4);
});
