import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli } from "../../../test/run-cli.ts";
import { benchmarks } from "../../bench/benchmarks.ts";
import { writeRows } from "../../bench/test-helpers.ts";
import { temporaryFolder } from "../../data/test-helpers.ts";

const row = (n: number) => ({ prompt: `q${n}`, chosen: `good ${n}`, rejected: "bad" });

async function fixture() {
  const folder = await temporaryFolder();
  const data = await writeRows(folder, "set.jsonl", [0, 1, 2, 3].map(row));
  const scores = await writeRows(
    folder,
    "scores.jsonl",
    [3, 1, 2, 0].map((n) => ({ item: `set.jsonl#${n}`, scores: [n, 1] })),
  );
  return { folder, data, scores };
}

test("bench list names every benchmark, and where its files are", async () => {
  const text = await runCli(["bench", "list"]);
  for (const { name, title } of benchmarks) expect(text.out[0]).toMatch(new RegExp(`^${name} +${title}`, "m"));
  const [entries] = (await runCli(["bench", "list", "--json"])).json() as [{ name: string; downloads: object[] }[]];
  expect(entries.map(({ name }) => name)).toEqual(benchmarks.map(({ name }) => name));
  expect(entries[1]!.downloads[0]).toMatchObject({ host: "hub", revision: expect.stringMatching(/^[0-9a-f]{40}$/) });
});

test("bench items gives keys and the order of responses; a sample is the same every time", async () => {
  const { data } = await fixture();
  const { code, json } = await runCli(["bench", "items", "pairs", "--data", data]);
  expect(code).toBe(0);
  expect(json()[1]).toEqual({
    ...{
      item: "set.jsonl#1",
      subset: "set",
      messages: [{ role: "user", content: "q1" }],
      responses: ["good 1", "bad"],
    },
    ...{ quality: [1, 0], pairs: [[0, 1]], label: { contextsDiffer: false } },
  });
  const sample = ["bench", "items", "pairs", "--data", data, "--limit", "2", "--seed", "5"];
  const first = await runCli(sample);
  expect(first.out).toHaveLength(2);
  expect((await runCli(sample)).out).toEqual(first.out);
});

test("bench score prints the table, or one object", async () => {
  const { data, scores } = await fixture();
  const args = ["bench", "score", "pairs", "--data", data, "--scores", scores];
  const text = (await runCli(args)).out.join("\n");
  expect(text).toContain(
    "Preference pairs: 50.00\npairs whose better response scores higher. Ties: strict: equal scores earn 0.",
  );
  expect(text).toMatch(/^set +4 +50\.00 +50\.00 +62\.50 +25\.00$/m);
  expect(text).toContain("Unscored: 0 of 8 responses in 0 of 4 items; a pair with an unscored response is lost.");
  const [result] = (await runCli([...args, "--json"])).json();
  expect(result).toMatchObject({ benchmark: "pairs", headline: { value: 0.5 }, pairs: { half: 0.625 }, sample: null });
});

test("bench score of a sample says so", async () => {
  const { folder, data } = await fixture();
  const sample = ["--data", data, "--limit", "2", "--seed", "5"];
  const items = (await runCli(["bench", "items", "pairs", ...sample])).json() as { item: string }[];
  const scores = await writeRows(
    folder,
    "s.jsonl",
    items.map(({ item }) => ({ item, scores: [2, 1] })),
  );
  const { code, out } = await runCli(["bench", "score", "pairs", ...sample, "--scores", scores]);
  expect(code).toBe(0);
  expect(out.at(-1)).toBe("A sample of 2 items, stratified by subset, seed 5: not the full benchmark.");
});

test.each<[string[], string]>([
  [["score", "judgbench", "--scores", "x"], 'name: there is no benchmark "judgbench"; expected one of rewardbench, '],
  [
    ["items", "llmbar", "--attribute", "honesty"],
    "attribute: llmbar has pairs of its own; this option is for helpsteer and ultrafeedback",
  ],
  [["items", "llmbar", "--seed", "3"], "seed: it is the seed of a sample; give --limit too"],
  [["items", "rmb"], "data: the data of rmb cannot be downloaded; get it from https://github.com/"],
  [["items", "pairs", "--data", "/nowhere/x.jsonl"], "/nowhere/x.jsonl: there is no such file or folder"],
])("bench %j is bad usage", async (args, message) => {
  const { code, notes } = await runCli(["bench", ...args]);
  expect(code).toBe(2);
  expect(notes.join("\n")).toContain(message);
});

test("bench score names the line of a fault in the scores", async () => {
  const { folder, data } = await fixture();
  const scores = join(folder, "bad.jsonl");
  await writeFile(scores, '{"item":"set.jsonl#0","scores":[1,2]}\n{"item":"set.jsonl#0","scores":[1,2]}\n');
  const { code, notes } = await runCli(["bench", "score", "pairs", "--data", data, "--scores", scores]);
  expect([code, notes]).toEqual([
    2,
    [`error: ${scores}, line 2, item: the item "set.jsonl#0" is also on line 1; keep one`],
  ]);
});
