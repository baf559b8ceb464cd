import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli } from "../../../test/run-cli.ts";
import { pairOf, writeRecipe } from "../../curate/test-helpers.ts";
import { temporaryFolder } from "../../data/test-helpers.ts";

async function recipe(folder: string) {
  const prompts = { a: "What is tea made of?", b: "Name three rivers in Asia.", c: "Why do metals rust in rain?" };
  const pairs = [
    ...Object.entries(prompts).map(([id, prompt]) => pairOf(id, { prompt })),
    pairOf("empty", { chosen: "" }),
    { ...pairOf("a", { prompt: prompts.a }), id: "again" },
  ];
  return writeRecipe(folder, pairs, { stages: ["shape", "exact-duplicates"], splits: { test: 0.34 } });
}

test("prints what every stage did, and says where things are", async () => {
  const folder = await temporaryFolder();
  const out = join(folder, "run");
  const { code, out: printed, notes } = await runCli(["data", "curate", await recipe(folder), "--out", out]);
  expect(code).toBe(0);
  const text = printed.join("\n");
  expect(text).toMatch(/^stage +before +after +dropped/);
  expect(text).toMatch(/parse +5 +5 +0 +5 rows read/);
  expect(text).toMatch(/shape +5 +4 +1/);
  expect(text).toMatch(/exact-duplicates +4 +3 +1/);
  expect(text).toMatch(/Splits: train 2, test 1/);
  expect(text).toContain(`Report: ${join(out, "report.html")}`);
  expect(notes).toEqual(expect.arrayContaining(["curate: shape: 5 -> 4"]));
  expect(await readFile(join(out, "card.md"), "utf8")).toContain("# test");
});

test("names what could not be read, and counts it", async () => {
  const folder = await temporaryFolder();
  const file = await recipe(folder);
  const pairs = join(folder, "pairs.jsonl");
  await writeFile(pairs, `${await readFile(pairs, "utf8")}{"no": "pair"}\n`);
  const { out, notes } = await runCli(["data", "curate", file, "--out", join(folder, "run")]);
  expect(out.join("\n")).toContain("Broken: 1 (rows that could not be read and were left out)");
  expect(notes).toEqual(
    expect.arrayContaining([expect.stringMatching(/^left out: .*pairs\.jsonl, line 6, .*missing/)]),
  );
});

test("a recipe that leaves nothing says so, and is no success", async () => {
  const folder = await temporaryFolder();
  const file = await writeRecipe(folder, [pairOf("a")], { stages: [{ lengths: { minResponse: 4000 } }] });
  const { code, out, notes } = await runCli(["data", "curate", file, "--out", join(folder, "run")]);
  expect(code).toBe(2);
  expect(out.join("\n")).toMatch(/lengths +1 +0 +1[\s\S]*Splits: none/);
  expect(notes.at(-1)).toMatch(/^error: no pair is left/);
});

test("with --json the outcome is JSON; run again, it says what was done before", async () => {
  const folder = await temporaryFolder();
  const args = ["data", "curate", await recipe(folder), "--out", join(folder, "run"), "--json", "--threads", "2"];
  const [first] = (await runCli(args)).json() as [{ outputs: { hash: string; splits: unknown[] }; stages: unknown[] }];
  expect(first.outputs.splits).toMatchObject([
    { split: "train", rows: 2, jsonl: "train.jsonl", parquet: "train.parquet" },
    { split: "test", rows: 1 },
  ]);
  expect(first.stages.length).toBe(4);
  const { notes, json } = await runCli(args);
  expect(notes).toContain("curate: shape: 5 -> 4 (done before)");
  expect((json() as (typeof first)[])[0]!.outputs.hash).toBe(first.outputs.hash);
});

test("a wrong recipe is refused with its line, and nothing is made", async () => {
  const folder = await temporaryFolder();
  const file = join(folder, "recipe.yaml");
  await writeFile(file, "name: a\ninputs:\n  - path: x.jsonl\nstages:\n  - budget: { pairs: none }\n");
  const { code, notes } = await runCli(["data", "curate", file, "--out", join(folder, "run")]);
  expect(code).toBe(2);
  expect(notes.join("\n")).toMatch(/recipe.yaml, line 5, stages\[0\].budget.pairs: .*got "none"/);
  await expect(readFile(join(folder, "run/run.json"))).rejects.toThrow();
});

test("its help names the stages", async () => {
  const { out } = await runCli(["data", "curate", "--help"]);
  for (const name of ["decontamination", "near-duplicates", "difficulty", "budget"])
    expect(out.join("\n")).toContain(name);
});
