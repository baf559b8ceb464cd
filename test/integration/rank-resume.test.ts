import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtCli, startCli } from "../built-cli.ts";
import { realModelPath } from "../real-model.ts";
import { sharedDataPath } from "../shared-data.ts";
import { judgeBenchItems, type RankItem, shortest } from "./judge-bench-items.ts";

const shared = sharedDataPath();

interface Result {
  id: string;
  responses: { id: string; rank: number; reward: number | null; unscored?: { reason: string; detail: string } }[];
  ranking: string[];
}

/** The 20 shortest items of JudgeBench, and one with a response that no context of the model's can hold. */
async function rankItems(sharedData: string): Promise<RankItem[]> {
  const items = await judgeBenchItems(sharedData);
  const twenty = shortest(items, 20);
  const tooLong = items
    .slice(0, 40)
    .map(({ responses }) => responses[0]!.text)
    .join("\n\n");
  const [, other] = twenty[10]!.responses;
  // Last, so that it is the end of the command that it is unscored in.
  return [...twenty, { ...twenty[10]!, id: "too-long", responses: [{ id: "A", text: tooLong }, other!] }];
}

describe.skipIf(shared === undefined)("cerm rank with a real model on the 20 shortest items of JudgeBench", () => {
  let folder = "";
  let items: RankItem[] = [];
  let results: Result[] = [];
  const written = async (path: string) => (await readFile(path, "utf8").catch(() => "")).split("\n").slice(0, -1);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cerm-rank-"));
    items = await rankItems(shared!);
    const file = join(folder, "items.jsonl");
    await writeFile(file, items.map((item) => `${JSON.stringify(item)}\n`).join(""));
    const out = join(folder, "ranking.jsonl");
    const model = ["--model", await realModelPath(), "--pack", "compact", "--threads", "1", "--parallel", "4"];
    // Short answers: what is tested does not depend on their length.
    const limits = ["--max-criteria-tokens", "48", "--max-evaluation-tokens", "32"];
    const env = { PATH: process.env.PATH, CERM_HOME: join(folder, "home"), XDG_CONFIG_HOME: folder };
    const main = await builtCli();
    const start = () => startCli(main, ["rank", file, ...model, ...limits, "--out", out], { env });

    let kept: string[] = [];
    for (const enough of [4, 11]) {
      const run = start();
      while ((await written(out)).length < enough && run.child.exitCode === null)
        await new Promise((resolve) => setTimeout(resolve, 50));
      run.child.kill("SIGKILL");
      expect(await run.ended).toMatchObject({ signal: "SIGKILL" });
      const lines = await written(out);
      expect(lines.length).toBeGreaterThanOrEqual(enough);
      expect(lines.length).toBeLessThan(items.length);
      expect(lines.slice(0, kept.length)).toEqual(kept);
      kept = lines;
    }
    // What was written before is neither done again nor changed.
    const left = items.length - kept.length;
    const { code, err } = await start().ended;
    expect(err).toMatch(
      new RegExp(`rank: ${left} done, ${kept.length} were there already, \\d+ with something unscored`),
    );
    expect(code).toBe(3);
    expect((await written(out)).slice(0, kept.length)).toEqual(kept);
    results = (await written(out)).map((line) => JSON.parse(line));
  }, 3_600_000);
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
