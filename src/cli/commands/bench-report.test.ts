import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { keptTerminal } from "../../../test/run-cli.ts";
import { type FixtureOptions, writeFixtureRun } from "../../bench/report/testing/fixture-run.ts";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { commandContext } from "../context.ts";
import { addBenchReportCommands } from "./bench-report.ts";

async function bench(...args: string[]) {
  const { terminal, out, notes } = keptTerminal();
  let code = -1;
  const program = new Command("cerm").exitOverride().configureOutput({ writeErr: (text) => void notes.push(text) });
  const command = program.command("bench");
  addBenchReportCommands(
    command,
    commandContext(terminal, (value) => (code = value)),
  );
  for (const each of command.commands)
    each.exitOverride().configureOutput({ writeErr: (text) => void notes.push(text) });
  await program.parseAsync(["bench", ...args], { from: "user" }).catch(() => (code = 2));
  return { code, text: out.join("\n"), notes: notes.join("\n"), json: () => JSON.parse(out[0]!) };
}

async function run(options: FixtureOptions = {}) {
  const directory = await temporaryFolder();
  await writeFixtureRun(directory, options);
  return directory;
}

test("bench report writes the three files and prints the headlines", async () => {
  const directory = await run({ benchmarks: ["llmbar"] });
  const { code, text } = await bench("report", directory, "--resamples", "50");
  expect(code).toBe(0);
  expect((await readdir(directory)).sort()).toEqual([
    "items.jsonl",
    "report.html",
    "report.json",
    "report.md",
    "run.json",
  ]);
  expect(text).toMatch(/^LLMBar +hard +\d/m);
  expect(text).toMatch(/^note: This is a sample/m);
  const report = JSON.parse(await readFile(join(directory, "report.json"), "utf8"));
  const again = await bench("report", directory, "--resamples", "50", "--json");
  expect(again.json()).toEqual(report);
});

test("bench report takes control runs, and refuses what is no run", async () => {
  const [base, control] = [
    await run({ benchmarks: ["llmbar"] }),
    await run({ benchmarks: ["llmbar"], control: "padding", seed: 3 }),
  ];
  const { json } = await bench("report", base, "--control-run", control, "--resamples", "50", "--json");
  expect(json().benchmarks[0].shifts[0].control).toBe("padding");
  const refused = await bench("report", await temporaryFolder());
  expect(refused.code).toBe(2);
  expect(refused.notes).toMatch(/run\.json.*name the directory of a benchmark run/);
});

test("bench compare tells a better run from a worse one, and lists where they differ", async () => {
  const weak = await run({ benchmarks: ["llmbar"], items: 60, skill: 0.5, votes: 1 });
  const strong = await run({ benchmarks: ["llmbar"], items: 60, skill: 6, seed: 9, votes: 1 });
  const { code, text } = await bench("compare", weak, strong, "--resamples", "200", "--items", "3");
  expect(code).toBe(0);
  expect(text).toMatch(/^LLMBar +A, B +60 .*\+\d+\.\d \[\+\d/m);
  expect(text).toMatch(/B better on \d+ items, A better on \d+/);
  const json = (await bench("compare", weak, strong, "--resamples", "200", "--json")).json();
  const [{ result }] = json.benchmarks[0].comparisons;
  expect(result.credit.test.p).toBeLessThan(0.01);
  expect(result.headline.difference.low).toBeGreaterThan(0);
  expect(json.runs.map(({ directory }: { directory: string }) => directory)).toEqual([weak, strong]);
  // A run and itself do not differ.
  const same = (await bench("compare", weak, weak, "--resamples", "50", "--json")).json().benchmarks[0].comparisons[0]
    .result;
  expect(same).toMatchObject({ credit: { test: { p: 1 } }, disagreements: { aBetter: [], bBetter: [] } });
});

test("bench compare takes a pairwise run against a pointwise one, and three runs", async () => {
  const directories = [await run(), await run({ seed: 4 }), await run({ mode: "pairwise" })];
  const { json } = await bench("compare", ...directories, "--resamples", "50", "--json");
  const { runs, benchmarks } = json();
  expect(runs.map(({ score }: { score: string }) => score)).toEqual(["hard", "hard", "verdicts"]);
  type Comparisons = { name: string; comparisons: { b: number; over: string }[] };
  const compared = benchmarks.map(({ name, comparisons }: Comparisons) => [
    name,
    comparisons.map(({ b, over }) => `${b} ${over}`),
  ]);
  // Nine comparisons of an item of RM-Bench make no scores of its responses.
  expect(compared).toEqual([
    ["judgebench", ["1 benchmark", "2 benchmark"]],
    ["llmbar", ["1 benchmark", "2 benchmark"]],
    ["rm-bench", ["1 benchmark", "2 pairs"]],
  ]);
  const { text } = await bench("compare", ...directories, "--resamples", "50");
  expect(text).toMatch(/^RM-Bench, pairs +A, C +24 /m);
});

test("bench compare refuses one run, and runs without a common item", async () => {
  const directory = await run({ benchmarks: ["llmbar"], items: 4 });
  expect((await bench("compare", directory)).notes).toMatch(/got 1, expected two or more/);
  const other = await run({ benchmarks: ["judgebench"], items: 4 });
  const { code, notes } = await bench("compare", directory, other);
  expect(code).toBe(2);
  expect(notes).toMatch(/no item in common with the first run/);
});

test("bench bon gives the curves of a run", async () => {
  const directory = await run({ benchmarks: ["rewardbench-2"], skill: 6 });
  const { code, text } = await bench("bon", "rewardbench-2", "--run", directory, "--n", "4,1", "--resamples", "50");
  expect(code).toBe(0);
  expect(text).toMatch(/^N +ITEMS +JUDGE +ORACLE +RANDOM/);
  expect(text).toMatch(/^1 +24 +0\.250 \[0\.250, 0\.250\] +0\.250 +0\.250/m);
  expect(text).toMatch(/^4 +24 +0\.[89]\d\d \[.*\] +1\.000 +0\.250/m);
});

test("bench bon takes anyone's scores", async () => {
  const folder = await temporaryFolder();
  const [data, scores] = [join(folder, "set.jsonl"), join(folder, "scores.jsonl")];
  const row = { id: "1", prompt: "q", chosen: ["a"], rejected: ["bb", "ccc", "dddd"], num_correct: 1, subset: "Math" };
  await writeFile(data, `${JSON.stringify(row)}\n`);
  await writeFile(scores, '{"item": "set.jsonl#0", "scores": [3, 9, 1, 1]}\n');
  const { json } = await bench("bon", "rewardbench-2", "--data", data, "--scores", scores, "--json");
  const { points } = json();
  expect(points.map(({ n }: { n: number }) => n)).toEqual([1, 2, 4]);
  // Of two candidates the right one is picked where it meets one of the two low ones: 2 of 6 pairs.
  expect(points[1].quality.judge.value).toBeCloseTo(2 / 6, 12);
  expect(points[1].quality.shorter.value).toBeCloseTo(3 / 6, 12);
  expect(points[2].quality.judge.value).toBe(0);
});

test("bench bon says what it needs", async () => {
  const directory = await run({ benchmarks: ["llmbar"], items: 4 });
  expect((await bench("bon", "llmbar")).notes).toMatch(/give --run with a run directory, or --scores/);
  expect((await bench("bon", "llmbar", "--run", directory, "--limit", "3")).notes).toMatch(
    /limit: a run has its items already/,
  );
  expect((await bench("bon", "rm-bench", "--run", directory)).notes).toMatch(/the run has no rm-bench; it has llmbar/);
  expect((await bench("bon", "llmbar", "--run", directory, "--n", "3")).notes).toMatch(
    /no item has more than 2 responses/,
  );
  expect((await bench("bon", "llmbar", "--run", directory, "--n", "2,x")).notes).toMatch(/whole numbers of at least 1/);
});
