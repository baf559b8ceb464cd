import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtCli, startCli } from "../built-cli.ts";
import { realModelPath } from "../real-model.ts";
import { sharedDataPath } from "../shared-data.ts";

const shared = sharedDataPath();

interface Item {
  id: string;
  query: string;
  responses: { id: string; text: string }[];
}

interface Result {
  id: string;
  responses: { id: string; rank: number; reward: number | null; unscored?: { reason: string; detail: string } }[];
  ranking: string[];
}

/** The shortest items of JudgeBench, and one that no context of the model's can hold. */
async function judgeBenchItems(folder: string): Promise<Item[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".jsonl")).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  const lines = texts.flatMap((text) => text.trimEnd().split("\n"));
  const items = lines.map((line): Item => {
    const row = JSON.parse(line) as Record<"pair_id" | "question" | "response_A" | "response_B", string>;
    const responses = [
      { id: "A", text: row.response_A },
      { id: "B", text: row.response_B },
    ];
    return { id: row.pair_id, query: row.question, responses };
  });
  const length = ({ query, responses }: Item) => responses.reduce((sum, { text }) => sum + text.length, query.length);
  const shortest = items.toSorted((a, b) => length(a) - length(b)).slice(0, 20);
  const tooLong = items
    .slice(0, 40)
    .map(({ responses }) => responses[0]!.text)
    .join("\n\n");
  const last = {
    ...shortest[10]!,
    id: "too-long",
    responses: [{ id: "A", text: tooLong }, shortest[10]!.responses[1]!],
  };
  // Last, so that it is the end of the command that it is unscored in.
  return [...shortest, last];
}

describe.skipIf(shared === undefined)("cerm rank with a real model on the 20 shortest items of JudgeBench", () => {
  let folder = "";
  let items: Item[] = [];
  let results: Result[] = [];
  const written = async (path: string) => (await readFile(path, "utf8").catch(() => "")).split("\n").slice(0, -1);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cerm-rank-"));
    items = await judgeBenchItems(join(shared!, "judgebench"));
    const file = join(folder, "items.jsonl");
    await writeFile(file, items.map((item) => `${JSON.stringify(item)}\n`).join(""));
    const out = join(folder, "ranking.jsonl");
    const model = ["--model", await realModelPath(), "--pack", "compact", "--threads", "1", "--parallel", "4"];
    // Short answers: what is tested does not depend on their length.
    const limits = ["--max-criteria-tokens", "48", "--max-evaluation-tokens", "32"];
    const env = { PATH: process.env.PATH, CERM_HOME: join(folder, "home"), XDG_CONFIG_HOME: folder };
    const main = await builtCli();
    const start = () => startCli(main, ["rank", file, ...model, ...limits, "--out", out], { env });

    for (const enough of [4, 11]) {
      const run = start();
      while ((await written(out)).length < enough && run.child.exitCode === null)
        await new Promise((resolve) => setTimeout(resolve, 50));
      run.child.kill("SIGKILL");
      expect(await run.ended).toMatchObject({ signal: "SIGKILL" });
      const lines = (await written(out)).length;
      expect(lines).toBeGreaterThanOrEqual(enough);
      expect(lines).toBeLessThan(items.length);
    }
    const { code, err } = await start().ended;
    expect({ code, err }).toEqual({
      code: 3,
      err: expect.stringMatching(/rank: \d+ done, \d+ were there already, \d+ with/),
    });
    results = (await written(out)).map((line) => JSON.parse(line));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("killed twice and continued, every item is there once, in order", () => {
    expect(results.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
  });

  test("every response is scored on the scale or unscored with a reason, and ranked", () => {
    for (const { responses, ranking } of results) {
      expect(responses.map(({ id }) => id)).toEqual(["A", "B"]);
      expect([...ranking].sort()).toEqual(["A", "B"]);
      for (const { reward, unscored } of responses) {
        if (reward === null) expect(unscored).toEqual({ reason: expect.any(String), detail: expect.any(String) });
        else expect(reward >= 0 && reward <= 10).toBe(true);
      }
    }
    const scored = results.flatMap(({ responses }) => responses.filter(({ reward }) => reward !== null));
    expect(scored.length).toBeGreaterThanOrEqual(38);
  });

  test("a response that does not fit the model's context is unscored and says both lengths, and comes last", () => {
    const result = results.find(({ id }) => id === "too-long")!;
    expect(result.responses[0]).toMatchObject({ reward: null, rank: 2, unscored: { reason: "context-overflow" } });
    expect(result.responses[0]!.unscored!.detail).toMatch(/\d{4,}.*\d{4,}/s);
    expect(result.responses[1]).toMatchObject({ reward: expect.any(Number), rank: 1 });
    expect(result.ranking).toEqual(["B", "A"]);
  });
});
