import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { builtCli, startCli } from "../built-cli.ts";
import { cliHome } from "../cli-home.ts";

const home = cliHome();
const rows = 120;
const stages = ["shape", "label-noise", { difficulty: { prefer: 0.5 } }, { budget: { pairs: 20 } }];

/** Pairs of which the judge always prefers the chosen response, always the other one, or now this and now that. */
const pairs = Array.from({ length: rows }, (_, at) => ({
  ...{ id: String(at), messages: [{ role: "user", content: `What is there to say about ${at}?` }], source: "made" },
  ...(at % 3 === 0
    ? { chosen: `score 9 (${at})`, rejected: `score 2 (${at})` }
    : at % 3 === 1
      ? { chosen: `score 1 (${at})`, rejected: `score 8 (${at})` }
      : { chosen: `draw (${at})`, rejected: `draw too (${at})` }),
}));

/** The number that a response names, or one drawn by the request's seed. */
function reply(body: { messages: { role: string; content: string }[]; seed?: number }): string {
  const text = body.messages.at(-1)!.content;
  const [, fixed] = /score (\d)/.exec(text) ?? [];
  if (!body.messages.some(({ content }) => content.includes("[End of Criteria]")) && !/score \d|draw/.test(text))
    return "[Start of Criteria]\n1. **Use**: How far it helps.\n2. **Truth**: Whether it is true.\n[End of Criteria]";
  const score = fixed ?? String(3 + ((body.seed ?? 0) % 4));
  return `1. **Use**: So. \\boxed{${score}}\n2. **Truth**: So. \\boxed{${score}}\n\nOverall: So. \\boxed{${score}}`;
}

describe("the judge's stages against a server", () => {
  let main: string;

  beforeAll(async () => {
    main = await builtCli();
  });

  async function recipe(name: string, url: string): Promise<string> {
    await home.file("pairs.jsonl", pairs);
    const file = join(home.path, `${name}.yaml`);
    const judge = { baseUrl: url, pack: "default" };
    const inputs = [{ path: "pairs.jsonl", preset: "normal" }];
    await writeFile(file, JSON.stringify({ name: "judged", judge, inputs, stages }));
    return file;
  }

  const start = (file: string, out: string) =>
    startCli(main, ["data", "curate", file, "--out", join(home.path, out), "--json"], { env: home.environment() });

  test("what was asked once is not asked again: by a later stage, after a kill, by another run", async () => {
    const stub = await home.stub({ reply, latencyMs: 10 });
    const file = await recipe("judged", stub.url);
    const run = start(file, "first");
    while (stub.counts.completions < 200 && run.child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 5));
    run.child.kill("SIGKILL");
    expect((await run.ended).signal).toBe("SIGKILL");
    const before = stub.counts.completions;

    const first = await start(file, "first").ended;
    expect(first.err + first.code).toMatch(/0$/);
    // Two lists of criteria a row, and by each two evaluations of both responses; under a kill those at work are lost.
    const all = rows * 2 * (1 + 2 * 2);
    const inFlight = stub.counts.completions - all;
    expect(inFlight).toBeGreaterThanOrEqual(0);
    expect(inFlight).toBeLessThan(before);

    const outcome = JSON.parse(first.out);
    const [, shape, noise, difficulty, budget] = outcome.stages;
    expect(shape.after).toBe(rows);
    // Labels that the judge contradicts go first; then what it always gets right, and some of what is drawn.
    expect(noise.before - noise.after).toBeGreaterThanOrEqual(rows / 3);
    expect(difficulty.before - difficulty.after).toBeGreaterThanOrEqual(rows / 3);
    expect(difficulty.after).toBeGreaterThan(20);
    expect(budget.after).toBe(20);
    const kept = (await readFile(join(home.path, "first/train.jsonl"), "utf8")).split("\n").filter(Boolean);
    for (const line of kept) expect(JSON.parse(line).chosen).toMatch(/^draw/);

    const asked = stub.counts.completions;
    const second = await start(file, "second").ended;
    expect(second.err + second.code).toMatch(/0$/);
    expect(stub.counts.completions).toBe(asked);
    expect(JSON.parse(second.out).outputs.hash).toBe(outcome.outputs.hash);
  });

  test("a server that is not there ends the run, drops nothing, and the same command goes on when it is back", async () => {
    const gone = await home.stub({ reply });
    const file = await recipe("gone", gone.url);
    await gone.close();
    const failed = await start(file, "gone").ended;
    expect(failed.code).not.toBe(0);
    expect(failed.err).toMatch(/error: /);
    expect(await readFile(join(home.path, "gone/stages.jsonl"), "utf8")).toMatch(/"name":"shape"/);
    await recipe("gone", (await home.stub({ reply })).url);
    const ended = await start(file, "gone").ended;
    expect(ended.err + ended.code).toMatch(/0$/);
  });
});
