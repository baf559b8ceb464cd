import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRun } from "../../src/bench/run/read-run.ts";
import type { RunItem } from "../../src/bench/run/run-item.ts";
import { summariseRun } from "../../src/bench/run/summarise-run.ts";
import { builtCli, startCli } from "../built-cli.ts";
import { realModelPath } from "../real-model.ts";
import { sharedDataPath } from "../shared-data.ts";

const shared = sharedDataPath();

/** Writes the shortest rows of a data file, as the file is laid out. */
async function shortest(from: string, to: string, count: number, fields: string[]): Promise<void> {
  const text = await readFile(from, "utf8");
  const isArray = text.trimStart().startsWith("[");
  const rows: Record<string, unknown>[] = isArray
    ? JSON.parse(text)
    : text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
  const length = (row: Record<string, unknown>) => fields.reduce((sum, field) => sum + String(row[field]).length, 0);
  const chosen = rows.toSorted((a, b) => length(a) - length(b)).slice(0, count);
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, isArray ? JSON.stringify(chosen) : `${chosen.map((row) => JSON.stringify(row)).join("\n")}\n`);
}

describe.skipIf(shared === undefined)(
  "cerm bench run with a real model on short items of JudgeBench and LLMBar",
  () => {
    let folder = "";
    let main = "";
    let args: string[] = [];
    const out = (name: string) => join(folder, name);
    const lines = async (name: string) =>
      (await readFile(join(out(name), "items.jsonl"), "utf8").catch(() => "")).split("\n").slice(0, -1);
    const environment = () => ({ PATH: process.env.PATH, CERM_HOME: out("home"), XDG_CONFIG_HOME: folder });
    const start = (name: string, ...more: string[]) =>
      startCli(main, [...args, "--out", out(name), ...more], { env: environment() });
    const items = async (name: string) => {
      const found: RunItem[] = [];
      for await (const item of (await readRun(out(name))).items) found.push(item);
      return found;
    };

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "cerm-bench-run-"));
      const judgebench = join(shared!, "judgebench");
      const [file] = (await readdir(judgebench)).filter((name) => name.includes("gpt-4o"));
      const texts = ["question", "response_A", "response_B"];
      await shortest(join(judgebench, file!), join(folder, "data", "judgebench", file!), 12, texts);
      const natural = join("LLMBar", "Natural", "dataset.json");
      const from = join(shared!, "llmbar", natural);
      await shortest(from, join(folder, "data", "llmbar", natural), 12, ["input", "output_1", "output_2"]);
      main = await builtCli();
      const model = ["--model", await realModelPath(), "--pack", "compact", "--threads", "1", "--parallel", "2"];
      args = ["bench", "run", "judgebench", "llmbar", "--data", join(folder, "data"), "--limit", "6", ...model];
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    test("killed and continued, every item is there once, with both scores", async () => {
      const killed = start("unified");
      while ((await lines("unified")).length < 2 && killed.child.exitCode === null)
        await new Promise((resolve) => setTimeout(resolve, 20));
      killed.child.kill("SIGKILL");
      expect(await killed.ended).toMatchObject({ signal: "SIGKILL" });
      const kept = await lines("unified");
      expect(kept.length).toBeGreaterThanOrEqual(2);
      expect(kept.length).toBeLessThan(6);

      const { code, out: printed, err } = await start("unified").ended;
      expect(err).toMatch(new RegExp(`bench: ${6 - kept.length} done, ${kept.length} were there already`));
      expect([0, 3]).toContain(code);
      expect(printed).toMatch(/judgebench +3 of 12 +hard/);
      expect((await lines("unified")).slice(0, kept.length)).toEqual(kept);

      const found = await items("unified");
      expect(new Set(found.map(({ id }) => id)).size).toBe(6);
      expect(found.map(({ benchmark }) => benchmark)).toEqual([
        ...Array(3).fill("judgebench"),
        ...Array(3).fill("llmbar"),
      ]);
      const scored = found.flatMap(({ hard, expected }) => hard.map((score, index) => [score, expected[index]]));
      expect(scored).toHaveLength(12);
      for (const [hard, expected] of scored.filter(([score]) => score !== null)) {
        expect(Number.isInteger(hard)).toBe(true);
        expect(expected! >= 0 && expected! <= 10).toBe(true);
        expect(expected).not.toBe(hard);
      }
      expect(scored.filter(([score]) => score !== null).length).toBeGreaterThanOrEqual(10);
      expect(await readdir(out("unified"))).toEqual(
        expect.arrayContaining(["report.html", "report.json", "report.md"]),
      );
      const [summary] = await summariseRun(await readRun(out("unified")));
      expect(summary).toMatchObject({ name: "judgebench", items: { done: 3, chosen: 3, total: 12 } });
      expect(summary!.results.expected!.pairs.count).toBe(3);
    });

    test("the same items in mode pairwise have a verdict in both orders", async () => {
      const { code, err } = await start("pairwise", "--mode", "pairwise").ended;
      expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining("bench: 6 done") });
      const found = await items("pairwise");
      const [pairwise, unified] = [found, await items("unified")].map((run) => run.map(({ id }) => id));
      expect(pairwise).toEqual(unified);
      for (const { verdicts, texts } of found.flatMap((item) => item.pairwise!)) {
        expect(verdicts).not.toContain(null);
        for (const text of texts) expect(text).toMatch(/^Comparison:[^\n]+\nVerdict: \[\[[ABC]\]\]$/);
      }
    });
  },
);
