import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { seededRandom } from "../../src/core/random.ts";
import { temporaryFolder } from "../../src/data/test-helpers.ts";
import { builtCli, startCli } from "../built-cli.ts";

const random = seededRandom(17);
const words = (count: number) =>
  Array.from({ length: count }, () => `word${Math.floor(random() ** 2 * 900)}`).join(" ");

const stages = [
  "shape",
  "language",
  { lengths: { maxResponse: 300 } },
  "boilerplate",
  "similar-sides",
  "exact-duplicates",
  { "near-duplicates": { of: "pair" } },
  { "near-duplicates": { of: "prompt", keep: 2 } },
  { decontamination: { files: [{ path: "known.jsonl", columns: ["prompt"] }] } },
  { "length-balance": { strata: 3 } },
  { diversity: { pairs: 700 } },
  { budget: { pairs: 600 } },
];
const outputs = ["train.jsonl", "held-out.jsonl", "test.jsonl", "train.parquet", "test.parquet", "card.md"];
const reports = ["report.json", "report.html"];

describe("cerm data curate as a process", () => {
  let main: string;

  beforeAll(async () => {
    main = await builtCli();
  });

  /** A recipe and its data: 3,000 pairs, some of them like others, some known. */
  async function recipe(folder: string): Promise<string> {
    const rows: {
      id: string;
      messages: { role: string; content: string }[];
      chosen: string;
      rejected: string;
      source: string;
    }[] = [];
    for (let at = 0; at < 3000; at++) {
      const like = at > 0 && random() < 0.2 ? rows[Math.floor(random() * at)]! : undefined;
      const content = like?.messages.map((message) => message.content).join() ?? words(20);
      const chosen = like !== undefined && random() < 0.5 ? like.chosen : words(20 + 60 * random());
      const rejected = like !== undefined && random() < 0.5 ? like.rejected : words(20 + 60 * random());
      rows.push({ id: String(at), messages: [{ role: "user", content }], chosen, rejected, source: "made" });
    }
    await writeFile(join(folder, "pairs.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    const known = rows.filter((_, at) => at % 100 === 0).map(({ messages }) => ({ prompt: messages[0]!.content }));
    await writeFile(join(folder, "known.jsonl"), known.map((row) => `${JSON.stringify(row)}\n`).join(""));
    const file = join(folder, "recipe.yaml");
    const inputs = [{ path: "pairs.jsonl", preset: "normal" }];
    await writeFile(file, JSON.stringify({ name: "made", inputs, stages, splits: { heldOut: 0.1, test: 0.1 } }));
    return file;
  }

  async function finish(file: string, out: string, threads: number) {
    const ended = await startCli(main, ["data", "curate", file, "--out", out, "--threads", String(threads), "--json"])
      .ended;
    expect(ended.err + ended.code).toMatch(/0$/);
    return JSON.parse(ended.out) as { outputs: { hash: string } };
  }

  const filesOf = (out: string) =>
    Promise.all([...outputs, ...reports].map((name) => readFile(join(out, name), "base64")));

  test("the number of threads changes no byte of the output", async () => {
    const folder = await temporaryFolder();
    const file = await recipe(folder);
    const one = await finish(file, join(folder, "one"), 1);
    const expected = await filesOf(join(folder, "one"));
    for (const threads of [2, 3]) {
      const out = join(folder, `threads-${threads}`);
      expect((await finish(file, out, threads)).outputs.hash).toBe(one.outputs.hash);
      expect(await filesOf(out)).toEqual(expected);
    }
  });

  test("killed after every stage, and at odd moments, it goes on to the same output", async () => {
    const folder = await temporaryFolder();
    const file = await recipe(folder);
    const whole = await finish(file, join(folder, "whole"), 2);
    const out = join(folder, "killed");
    let kills = 0;
    for (let done = 0; done <= stages.length; done++) {
      const run = startCli(main, ["data", "curate", file, "--out", out, "--threads", "2"]);
      let over = false;
      void run.ended.then(() => {
        over = true;
      });
      while (!over && (await stagesDone(out)) <= done) await new Promise((resolve) => setTimeout(resolve, 5));
      // Every other time a little later, inside the next stage.
      if (done % 2 === 1) await new Promise((resolve) => setTimeout(resolve, 60));
      run.child.kill("SIGKILL");
      const { signal } = await run.ended;
      if (signal === "SIGKILL") kills++;
    }
    expect(kills).toBeGreaterThan(stages.length / 2);
    expect((await finish(file, out, 1)).outputs.hash).toBe(whole.outputs.hash);
    expect(await filesOf(out)).toEqual(await filesOf(join(folder, "whole")));
  });

  test("killed while the output is written, no file is there by half, and it goes on to the same output", async () => {
    const folder = await temporaryFolder();
    const file = await recipe(folder);
    await finish(file, join(folder, "whole"), 2);
    const expected = new Map(
      await Promise.all(
        [...outputs, ...reports].map(
          async (name) => [name, await readFile(join(folder, "whole", name), "base64")] as const,
        ),
      ),
    );
    const out = join(folder, "killed");
    const moments = new Set<string>();
    // Ended when each of the files first shows, half written or whole; what was there before stays for the next time.
    for (const name of [
      "train.jsonl.tmp",
      "train.jsonl",
      "train.parquet.tmp",
      "held-out.jsonl",
      "card.md",
      "report.json",
    ]) {
      for (const old of [...outputs, ...reports]) await rm(join(out, old), { force: true });
      const run = startCli(main, ["data", "curate", file, "--out", out, "--threads", "2"]);
      let over = false;
      void run.ended.then(() => {
        over = true;
      });
      while (!over && !existsSync(join(out, name))) await new Promise((resolve) => setImmediate(resolve));
      run.child.kill("SIGKILL");
      if ((await run.ended).signal === "SIGKILL") moments.add(name);
      for (const [written, content] of expected) {
        const got = await readFile(join(out, written), "base64").catch(() => undefined);
        if (got !== undefined) expect(got, `${written}, ended at ${name}`).toBe(content);
      }
    }
    expect(moments.size).toBeGreaterThan(2);
    await finish(file, out, 1);
    expect(await filesOf(out)).toEqual(await filesOf(join(folder, "whole")));
    expect((await readdir(out)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  /** How many stages are recorded as done. */
  async function stagesDone(out: string): Promise<number> {
    const text = await readFile(join(out, "stages.jsonl"), "utf8").catch(() => "");
    return text.split("\n").length - 1;
  }

  test("two processes cannot work on one run", async () => {
    const folder = await temporaryFolder();
    const file = await recipe(folder);
    const first = startCli(main, ["data", "curate", file, "--out", join(folder, "run")]);
    while ((await stagesDone(join(folder, "run"))) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const second = await startCli(main, ["data", "curate", file, "--out", join(folder, "run")]).ended;
    expect(second.code).toBe(2);
    expect(second.err).toMatch(/is writing this file/);
    expect((await first.ended).code).toBe(0);
  });
});
