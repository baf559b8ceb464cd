import { appendFile, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeEngine, type FakeEngineOptions, responseOf, scoring, turnOf } from "../../../test/fake-engine.ts";
import { memoryStore } from "../../store/memory-store.ts";
import { readRun, scoredItems, scoresByBenchmark } from "./read-run.ts";
import type { RunItem } from "./run-item.ts";
import { runFolder, type ToyRunOptions, toyBenchmark, toyRows, toyRun } from "./run-test-helpers.ts";
import { summariseRun } from "./summarise-run.ts";

/** Gives a response the score that it ends in. */
const byEnding = scoring((response) => /(\d+)$/.exec(response)?.[1] ?? "none");

/** A run on a fake engine. */
function fakeRun(
  out: string,
  found: Parameters<typeof toyRun>[1],
  options: ToyRunOptions & { engine?: FakeEngine; answers?: FakeEngineOptions } = {},
) {
  const { answers, engine = new FakeEngine({ answer: byEnding, ...answers }), ...rest } = options;
  return toyRun(out, found, engine, rest);
}

let folder: Awaited<ReturnType<typeof runFolder>>;
beforeEach(async () => {
  folder = await runFolder();
});
afterEach(() => folder.remove());

async function itemsOf(directory = folder.out): Promise<RunItem[]> {
  const items: RunItem[] = [];
  for await (const item of (await readRun(directory)).items) items.push(item);
  return items;
}

describe("a run", () => {
  it("writes a line for each item, with both scores, texts, labels and the whole judgment", async () => {
    const data = await folder.data("toy", toyRows(3));
    const { progress } = await fakeRun(folder.out, [data]);
    expect(progress).toEqual({ done: 3, before: 0, total: 3, unscored: 0 });
    const items = await itemsOf();
    expect(items.map(({ id }) => id)).toEqual(["toy/toy.jsonl#0", "toy/toy.jsonl#1", "toy/toy.jsonl#2"]);
    expect(items[1]).toMatchObject({
      ...{ benchmark: "toy", item: "toy.jsonl#1", subset: "odd", quality: [1, 0], pairs: [[0, 1]], label: { good: 1 } },
      input: {
        messages: [{ role: "user", content: "Question 1?" }],
        responses: ["Good answer 1, worth 9", "Bad answer 1, worth 1"],
      },
      ...{ hard: [9, 1], expected: [null, null], unscored: [null, null] },
      judgment: { mode: "unified", responses: [{ reward: 9 }, { reward: 1 }] },
      usage: { outputTokens: 30 },
    });
  });

  it("says in run.json what was asked, of which data and versions", async () => {
    const data = await folder.data("toy", toyRows(8));
    await fakeRun(folder.out, [data], { limit: 4, seed: 7, now: () => 0 });
    const { run } = await readRun(folder.out);
    expect(run).toMatchObject({
      ...{ directory: folder.out, startedAt: "1970-01-01T00:00:00.000Z", version: "0.0.0", limit: 4, seed: 7 },
      ...{ mode: "unified", control: null, model: { engine: "fake", model: "fake-judge" }, score: "hard" },
      pack: expect.stringMatching(/^default@1#/),
      benchmarks: [
        {
          ...{ name: "toy", title: "Toy toy", items: 4, total: 8, path: data.path },
          files: [{ file: "toy.jsonl", bytes: expect.any(Number), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
        },
      ],
    });
    expect((await itemsOf()).map(({ subset }) => subset).sort()).toEqual(["even", "even", "odd", "odd"]);
  });

  it("asks for log-probabilities with hard scores where the engine has them, and never finds answers without", async () => {
    const data = await folder.data("toy", toyRows(1));
    const store = memoryStore();
    await fakeRun(join(folder.path, "without"), [data], { judge: { store } });
    const top = [8, 9].map((score) => ({ text: `${score}`, logprob: Math.log(0.5) }));
    const answer: NonNullable<ConstructorParameters<typeof FakeEngine>[0]>["answer"] = (request) => {
      const text = byEnding(request) as string;
      const tokens = text
        .split(/(?<=\{)|(?=\})/)
        .map((part) => ({ text: part, logprob: 0, ...(/^9$/.test(part) ? { top, logprob: Math.log(0.5) } : {}) }));
      return { text, ...(request.logprobs ? { tokens } : {}) };
    };
    const engine = new FakeEngine({ answer, capabilities: { logprobs: true } });
    await fakeRun(folder.out, [data], { engine, judge: { store } });
    expect(engine.requests.map((request) => [turnOf(request), request.logprobs])).toEqual([
      ["evaluation", true],
      ["evaluation", true],
    ]);
    expect(await itemsOf()).toMatchObject([{ hard: [9, 0], expected: [8.5, 0] }]);
  });

  it("makes criteria once per query, over items and benchmarks, at once and later", async () => {
    const rows = [...toyRows(3), ...toyRows(3)].map((row, index) => ({
      ...row,
      responses: [...row.responses.map((text) => `${index} ${text}`)],
    }));
    const found = [await folder.data("one", rows), await folder.data("two", [...rows, ...toyRows(2)])];
    const engine = new FakeEngine({ answer: byEnding, concurrency: 3 });
    await fakeRun(folder.out, found, { engine });
    const criteria = engine.requests.filter((request) => turnOf(request) === "criteria");
    expect(criteria).toHaveLength(3);
    expect(await itemsOf()).toHaveLength(14);
  });

  it("keeps the reason of what has no score, and counts it", async () => {
    const data = await folder.data("toy", [{ query: "Q?", responses: ["worth 9", "worth nothing"] }]);
    const { progress } = await fakeRun(folder.out, [data]);
    expect(progress.unscored).toBe(1);
    expect(await itemsOf()).toMatchObject([
      { hard: [9, null], expected: [null, null], unscored: [null, "not-a-number"] },
    ]);
  });

  it("of a control judges changed responses, and says so", async () => {
    const data = await folder.data("toy", [{ query: "Q?", responses: ["**Bold** answer 9", "# Head\n4"] }]);
    const { engine } = await fakeRun(folder.out, [data], { control: "strip-markdown" });
    expect(engine.requests.slice(1).map(responseOf)).toEqual(["Bold answer 9", "Head\n4"]);
    expect((await readRun(folder.out)).run.control).toBe("strip-markdown");
    expect((await itemsOf())[0]!.input.responses).toEqual(["Bold answer 9", "Head\n4"]);
  });

  it("averages votes, and has no expected score where a vote lacks one", async () => {
    const data = await folder.data("toy", [{ query: "Q?", responses: ["x", "y"] }]);
    const answer = (request: Parameters<typeof byEnding>[0]) =>
      turnOf(request) === "evaluation"
        ? `1. **Accuracy**: Fine. \\boxed{3}\nOverall: Fine. \\boxed{${request.seed % 2 === 0 ? 4 : 8}}`
        : byEnding(request);
    await fakeRun(folder.out, [data], { answers: { answer }, judge: { evaluations: 4, temperature: 1 } });
    const [item] = await itemsOf();
    const scores = item!.judgment!.responses[0]!.evaluations.map((vote) => ("hard" in vote ? vote.hard! : 0));
    expect(new Set(scores)).toEqual(new Set([4, 8]));
    expect(item!.hard[0]).toBe(scores.reduce((sum, score) => sum + score, 0) / 4);
    expect(item!.expected).toEqual([null, null]);
  });
});

describe("a run that is continued", () => {
  it("does the rest only, and drops a line that was cut off", async () => {
    const data = await folder.data("toy", toyRows(6));
    await fakeRun(folder.out, [data]);
    const file = join(folder.out, "items.jsonl");
    const lines = await folder.lines("run/items.jsonl");
    await truncate(file, Buffer.byteLength(`${lines.slice(0, 4).join("\n")}\n`) + 40);
    expect((await itemsOf()).length).toBe(4);
    const { engine, progress } = await fakeRun(folder.out, [data]);
    expect(progress).toEqual({ done: 2, before: 4, total: 6, unscored: 0 });
    expect(new Set(engine.requests.map(responseOf).filter((text) => text !== undefined)).size).toBe(4);
    expect(await folder.lines("run/items.jsonl")).toEqual(lines);
  });

  it("is refused with other settings, which are named, and changes nothing", async () => {
    const data = await folder.data("toy", toyRows(4));
    await fakeRun(folder.out, [data]);
    const before = await readFile(join(folder.out, "run.json"), "utf8");
    await expect(fakeRun(folder.out, [data], { mode: "implicit" })).rejects.toThrow(
      /mode was "unified" and is now "implicit"/,
    );
    await expect(fakeRun(folder.out, [data], { limit: 2 })).rejects.toThrow(/limit was null and is now 2/);
    await expect(fakeRun(folder.out, [data], { control: "padding" })).rejects.toThrow(/control was null/);
    await folder.data("toy", toyRows(4, 1));
    await expect(fakeRun(folder.out, [data])).rejects.toThrow(/benchmarks.toy.files/);
    expect(await readFile(join(folder.out, "run.json"), "utf8")).toBe(before);
    expect(await itemsOf()).toHaveLength(4);
  });

  it("keeps what was done when it is interrupted", async () => {
    const data = await folder.data("toy", toyRows(20));
    const stop = new AbortController();
    const run = fakeRun(folder.out, [data], {
      signal: stop.signal,
      answers: { concurrency: 2 },
      onProgress: ({ done }) => done === 5 && stop.abort(new Error("enough")),
    });
    await expect(run).rejects.toThrow("enough");
    const kept = (await itemsOf()).length;
    expect(kept).toBeGreaterThanOrEqual(5);
    expect((await fakeRun(folder.out, [data])).progress).toMatchObject({ before: kept, done: 20 - kept });
    expect(new Set((await itemsOf()).map(({ id }) => id)).size).toBe(20);
  });

  it("leaves the run directory of another command alone", async () => {
    const data = await folder.data("toy", toyRows(1));
    await fakeRun(folder.out, [data]);
    await writeFile(join(folder.out, "run.json"), '{"kind": "train", "run": "x", "settings": {}}');
    await expect(fakeRun(folder.out, [data])).rejects.toThrow(
      /run.json, kind: is not the description of a benchmark run/,
    );
  });

  it("adds to metrics.jsonl, after a line that a kill cut off", async () => {
    const data = await folder.data("toy", toyRows(4));
    let now = 0;
    const clock = { now: () => (now += 1000), metricsMilliseconds: 1_000_000 };
    await fakeRun(folder.out, [data], { ...clock, limit: 4 });
    await appendFile(join(folder.out, "metrics.jsonl"), '{"time": "19');
    await fakeRun(folder.out, [data], { ...clock, limit: 4 });
    const [first, second] = await folder.json("run/metrics.jsonl");
    expect(first).toMatchObject({
      done: 4,
      before: 0,
      total: 4,
      inFlight: 0,
      outputTokens: 120,
      rssBytes: expect.any(Number),
    });
    expect(first!.rate).toBeCloseTo(4 / (first!.seconds as number), 2);
    expect(second).toMatchObject({ done: 0, before: 4, rate: 0 });
    expect(await folder.json("run/metrics.jsonl")).toHaveLength(2);
  });

  it("writes metrics every so often while it runs", async () => {
    const data = await folder.data("toy", toyRows(8));
    const delay = () => new Promise<void>((resolve) => setTimeout(resolve, 15));
    await fakeRun(folder.out, [data], { metricsMilliseconds: 20, answers: { delay, concurrency: 2 } });
    const lines = await folder.json("run/metrics.jsonl");
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.some(({ inFlight }) => (inFlight as number) > 0)).toBe(true);
    expect(lines.at(-1)).toMatchObject({ done: 8, inFlight: 0 });
  });
});

describe("reading a run", () => {
  it("gives each benchmark's scores without texts, and the official numbers", async () => {
    const found = [await folder.data("one", toyRows(4)), await folder.data("two", toyRows(10))];
    await fakeRun(folder.out, found, { limit: 8 });
    const opened = await readRun(folder.out);
    const hard = await scoredItems(opened, "hard", "two");
    expect(hard[0]).toEqual({
      item: {
        key: expect.any(String),
        subset: expect.any(String),
        quality: [1, 0],
        pairs: [[0, 1]],
        label: { good: 1 },
      },
      scores: [9, expect.any(Number)],
    });
    expect([...(await scoresByBenchmark(opened, "expected"))].map(([name, items]) => [name, items.length])).toEqual([
      ["one", 4],
      ["two", 4],
    ]);
    await expect(scoredItems(opened, "hard", "three")).rejects.toThrow("the run has no three; it has one, two");
    const summary = await summariseRun(opened, toyBenchmark);
    expect(summary[0]).toMatchObject({
      name: "one",
      items: { done: 4, chosen: 4, total: 4 },
      results: { hard: { headline: { value: 1 } } },
    });
    expect(summary[0]!.results.expected).toBeUndefined();
  });

  it("refuses what is no run, and a damaged line before the last", async () => {
    await expect(readRun(folder.path)).rejects.toThrow(/run.json: is not there; name the directory of a benchmark run/);
    const data = await folder.data("toy", toyRows(3));
    await fakeRun(folder.out, [data]);
    const file = join(folder.out, "items.jsonl");
    const lines = await folder.lines("run/items.jsonl");
    await writeFile(file, `${lines[0]}\n{"id": 3}\n${lines[2]}\n`);
    await expect(itemsOf()).rejects.toThrow(/items.jsonl, line 2, id: not an item of a benchmark run/);
    await writeFile(file, `${lines[0]}\n${lines[1]!.slice(0, 50)}\n${lines[2]}\n`);
    await expect(itemsOf()).rejects.toThrow(/line 2/);
    await writeFile(file, `${lines[0]!.replace(/"run":"\w+"/, '"run":"other"')}\n`);
    await expect(itemsOf()).rejects.toThrow(/is of the run other/);
  });
});
