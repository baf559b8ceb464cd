import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { cliHome } from "../../../test/cli-home.ts";
import { evaluationText, responseOf, type turnOf } from "../../../test/fake-engine.ts";
import { keptTerminal } from "../../../test/run-cli.ts";
import type { StubBody } from "../../../test/stub-server/index.ts";
import { commandContext } from "../context.ts";
import { addBenchRunCommand } from "./bench-run.ts";

const home = cliHome();

/** Answers an evaluation without criteria, or a pair, by the number a response ends in. */
const byDigit = (body: StubBody) => {
  const request = body as Parameters<typeof turnOf>[0];
  const shown = [...request.messages[0]!.content.matchAll(/worth (\d+)/g)].map((match) => Number(match[1]));
  if (shown.length > 1) return `Comparison: hm.\nVerdict: [[${shown[0]! > shown[1]! ? "A" : "B"}]]`;
  return evaluationText([], /worth (\d+)/.exec(responseOf(request)!)?.[1] ?? "none");
};

/** A folder with data of two benchmarks. */
async function dataFolder(): Promise<string> {
  const folder = join(home.path, "data");
  const judgebench = (index: number) => ({
    pair_id: `p${index}`,
    source: index % 2 === 0 ? "mmlu-pro-law" : "livebench-math",
    question: `Question ${index}?`,
    response_model: "gpt-4o",
    response_A: `First of ${index}, worth 8`,
    response_B: `Second of ${index}, worth ${index}`,
    label: "A>B",
  });
  await mkdir(join(folder, "judgebench"), { recursive: true });
  const rows = [2, 3, 4, 5].map((index) => JSON.stringify(judgebench(index)));
  await writeFile(join(folder, "judgebench", "pairs.jsonl"), `${rows.join("\n")}\n`);
  await mkdir(join(folder, "LLMBar", "Natural"), { recursive: true });
  const llmbar = [{ input: "Do it.", output_1: "No, worth 3", output_2: "Yes, worth 9", label: 2 }];
  await writeFile(join(folder, "LLMBar", "Natural", "dataset.json"), JSON.stringify(llmbar));
  return folder;
}

async function bench(...args: string[]) {
  const { terminal, out, notes } = keptTerminal();
  let code = -1;
  const context = commandContext(terminal, (given) => {
    code = given;
  });
  const program = new Command("cerm").version("1.2.3").exitOverride();
  const quiet = { writeOut: (text: string) => void out.push(text), writeErr: (text: string) => void notes.push(text) };
  program.configureOutput(quiet);
  addBenchRunCommand(program.command("bench").configureOutput(quiet), context);
  await program.parseAsync(["bench", "run", ...args], { from: "user" }).catch((error: { exitCode?: number }) => {
    code = error.exitCode === 0 ? 0 : 2;
  });
  return { code, out: out.join("\n"), notes: notes.join("\n") };
}

test("judges several benchmarks in one run directory, continues it, and prints their numbers", async () => {
  const stub = await home.stub({ reply: byDigit });
  const out = join(home.path, "runs", "first");
  const args = ["judgebench", "llmbar", "--data", await dataFolder(), "--mode", "implicit", "--base-url", stub.url];
  const first = await bench(...args, "--out", out);
  expect(first.notes).toContain("bench: 5 of 5 items (judgebench 4 of 4, llmbar 1 of 1)");
  expect(first.notes).toContain(`bench: 5 done -> ${out}`);
  expect(first.out).toMatch(/judgebench +4 of 4 +hard +100\.00 +100\.00 +100\.00 +0\.00 +0 of 8/);
  expect(first.code).toBe(0);
  const run = JSON.parse(await readFile(join(out, "run.json"), "utf8"));
  expect(run).toMatchObject({ kind: "bench", version: "1.2.3", settings: { mode: "implicit", limit: null } });
  const report = JSON.parse(await readFile(join(out, "report.json"), "utf8"));
  expect(report.benchmarks[0].shifts).toMatchObject(
    ["ask-for-high-score", "padding", "strip-markdown"].map((control) => ({ control, shift: { items: 1, mean: 0 } })),
  );
  const again = await bench(...args, "--out", out, "--json");
  expect(again.notes).toContain("0 done, 5 were there already");
  expect(JSON.parse(again.out)).toMatchObject({
    ...{ done: 0, before: 5, total: 5, run: { mode: "implicit" } },
    benchmarks: [
      { name: "judgebench", results: { hard: { headline: { value: 1 } } } },
      { name: "llmbar", results: { hard: { headline: { value: 1 } } } },
    ],
  });
  const other = await bench(...args, "--out", out, "--limit", "2");
  expect([other.code, other.notes]).toEqual([2, expect.stringContaining("limit was null and is now 2")]);
});

test("--mode pairwise compares in both orders; --limit takes a sample and says so", async () => {
  const stub = await home.stub({ reply: byDigit });
  const out = join(home.path, "runs", "pairwise");
  const data = await dataFolder();
  const args = ["--data", `judgebench=${data}/judgebench`, "--base-url", stub.url, "--out", out, "--limit", "2"];
  const result = await bench("judgebench", ...args, "--seed", "4", "--mode", "pairwise");
  expect(result.notes).toContain("2 of 4 items (judgebench 2 of 4), a sample stratified by subset, seed 4");
  expect(await readdir(out)).not.toContain("cosmetic");
  expect(result.out).toMatch(/judgebench +2 of 4 +2 +100\.00 +100\.00 +0\.00 +0\.00 +0 of 4/);
  expect(result.code).toBe(0);
});

test("something unscored is exit code 3", async () => {
  const stub = await home.stub({ reply: () => "I cannot say." });
  const args = ["--data", await dataFolder(), "--base-url", stub.url, "--store", "none", "--mode", "implicit"];
  const result = await bench("llmbar", ...args, "--out", join(home.path, "runs", "unscored"));
  expect([result.code, result.out]).toEqual([3, expect.stringMatching(/llmbar .* 2 of 2/)]);
  const pairwise = await bench("llmbar", ...args.slice(0, -1), "pairwise", "--out", join(home.path, "runs", "mute"));
  expect([pairwise.code, pairwise.out]).toEqual([3, expect.stringMatching(/llmbar .* 2 of 2/)]);
});

test("bad usage is told before an engine is opened", async () => {
  const data = await dataFolder();
  const out = join(home.path, "runs", "none");
  const fault = async (...args: string[]) => {
    const { code, notes } = await bench(...args, "--base-url", "http://127.0.0.1:1", "--out", out);
    expect(code).toBe(2);
    return notes;
  };
  expect(await fault("judgebnch", "--data", data)).toContain("did you mean judgebench?");
  expect(await fault("judgebench", "rm-bench", "--data", data)).toMatch(
    /no data was found for rm-bench: .* holds LLMBar, judgebench/,
  );
  expect(await fault("judgebench", "--data", data, "--min-gap", "2")).toContain("has pairs of its own");
  expect(await fault("judgebench", "--data", data, "--mode", "pairwise", "--evaluations", "2")).toContain(
    "mode pairwise asks for one verdict",
  );
  expect(await fault("judgebench", "--data", data, "--mode", "both")).toContain("pairwise");
  const cosmetic = ["--data", data, "--cosmetic-items", "3"];
  expect(await fault("judgebench", ...cosmetic, "--mode", "pairwise")).toContain("gives no rewards to shift");
  expect(await fault("judgebench", ...cosmetic, "--control", "padding")).toContain(
    "changes the responses of all items",
  );
  expect(await fault("judgebench", "--data", data, "--control", "louder")).toContain("strip-markdown");
});

test("--help shows every mode and an example", async () => {
  const { code, out } = await bench("--help");
  expect(code).toBe(0);
  expect(out).toMatch(/"unified", "per-response",\s+"implicit", "pairwise"/);
  expect(out).toContain("cerm bench run judgebench llmbar rm-bench");
});
