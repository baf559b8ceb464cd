import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { deferred, FakeEngine, scoring, turnOf, wait } from "../../test/fake-engine.ts";
import { queryFromText } from "../core/query.ts";
import { seededRandom } from "../core/random.ts";
import { loadPack } from "../prompts/load-pack.ts";
import { Judge } from "./judge.ts";
import type { JudgeInput } from "./judgment.ts";
import { orderedParallel } from "./ordered-parallel.ts";

const pack = await loadPack("compact");
const item = (index: number, responses = 4): JudgeInput => ({
  id: `${index}`,
  query: queryFromText(`Question ${index}?`),
  responses: Array.from({ length: responses }, (_, at) => ({ id: `${at}`, text: `Answer ${index}.${at}` })),
});
const items = (count: number) => Array.from({ length: count }, (_, index) => item(index));
async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of stream) all.push(each);
  return all;
}

test("results come in the order of the input, whatever the order of the answers", async () => {
  const random = seededRandom(1);
  const engine = new FakeEngine({ delay: () => wait(random() * 8), concurrency: 16 });
  const judgments = await collect(new Judge({ engine, pack }).judgeAll(items(60)));
  expect(judgments.map(({ id }) => id)).toEqual(items(60).map(({ id }) => id));
  expect(judgments.every(({ responses }) => responses.every(({ reward }) => reward.kind === "scored"))).toBe(true);
});

test("keeps about as many requests in flight as the engine has use for, and no more than its queries' responses", async () => {
  const engine = new FakeEngine({ delay: () => wait(1), concurrency: 8 });
  await collect(new Judge({ engine, pack }).judgeAll(items(100)));
  expect(engine.mostInFlight).toBeGreaterThanOrEqual(8);
  expect(engine.mostInFlight).toBeLessThanOrEqual(8 * 4);
});

test("works on no more queries at once than the engine keeps prefixes of", async () => {
  const engine = new FakeEngine({ delay: () => wait(1), concurrency: 64, prefixes: 3 });
  let running = 0;
  let most = 0;
  const judge = new Judge({ engine, pack });
  const work = async (input: ReturnType<typeof items>[number], signal: AbortSignal) => {
    most = Math.max(most, ++running);
    const judgment = await judge.judge(input, { signal });
    running--;
    return judgment;
  };
  expect(await collect(judge.runAll(items(30), work))).toHaveLength(30);
  expect(most).toBe(3);
});

test("a query's evaluations start when its criteria are there, while other queries still wait for theirs", async () => {
  const gate = deferred();
  const isSlow = (text: string) => text.includes("Question 0?");
  const engine = new FakeEngine({
    delay: (request) => (isSlow(request.messages[0]!.content) ? gate.promise : wait(0)),
    concurrency: 4,
  });
  const done = collect(new Judge({ engine, pack }).judgeAll(items(20)));
  // All but the first get their evaluations and wait for it.
  const evaluations = () => engine.requests.filter((request) => turnOf(request) === "evaluation").length;
  await expect.poll(evaluations, { timeout: 10_000 }).toBe(19 * 4);
  gate.resolve();
  expect(await done).toHaveLength(20);
});

test("memory stays flat over 20,000 items, and so does what is held", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const engine = new FakeEngine({ concurrency: 64, answer: scoring(() => 5) });
  // What the fake keeps of every request is not the judge's.
  engine.requests.push = () => 0;
  const judge = new Judge({ engine, pack, mode: "implicit" });
  let made = 0;
  let seen = 0;
  let mostHeld = 0;
  let early = 0;
  function* source() {
    for (; made < 20_000; made++) yield item(made, 1);
  }
  for await (const judgment of judge.judgeAll(source())) {
    if (judgment.id === `${seen}`) seen++;
    mostHeld = Math.max(mostHeld, made - seen);
    if (seen === 4_000) {
      collectGarbage();
      early = process.memoryUsage().heapUsed;
    }
  }
  collectGarbage();
  expect(seen).toBe(20_000);
  expect(mostHeld).toBeLessThanOrEqual(1_100);
  expect(process.memoryUsage().heapUsed - early).toBeLessThan(8e6);
}, 60_000);

test("a first item that takes long holds up at most a window of others", async () => {
  const gate = deferred();
  const engine = new FakeEngine({
    concurrency: 64,
    delay: async (request) => {
      if (request.messages[0]!.content.includes("Question 0?")) await gate.promise;
    },
  });
  let made = 0;
  function* source() {
    for (; made < 2_000; made++) yield item(made, 1);
  }
  const run = collect(new Judge({ engine, pack, mode: "implicit" }).judgeAll(source()));
  await expect.poll(() => made, { timeout: 10_000 }).toBeGreaterThanOrEqual(1_023);
  await wait(50);
  expect(made).toBeLessThanOrEqual(1_025);
  gate.resolve();
  expect(await run).toHaveLength(2_000);
});

test("a caller that stops listening stops the work and closes the source", async () => {
  let closed = false;
  let made = 0;
  async function* source() {
    try {
      for (;;) yield item(made++);
    } finally {
      closed = true;
    }
  }
  const engine = new FakeEngine({ delay: () => wait(2), concurrency: 4 });
  for await (const judgment of new Judge({ engine, pack }).judgeAll(source())) {
    if (judgment.id === "3") break;
  }
  const asked = engine.requests.length;
  expect(engine.inFlight).toBe(0);
  expect(closed).toBe(true);
  await wait(20);
  expect(engine.requests).toHaveLength(asked);
});

test("an abort ends the run with its reason, also while the source has nothing to say", async () => {
  const controller = new AbortController();
  const engine = new FakeEngine({ delay: () => wait(10_000) });
  const run = collect(new Judge({ engine, pack }).judgeAll(items(50), { signal: controller.signal }));
  await wait(5);
  controller.abort(new Error("enough"));
  await expect(run).rejects.toThrow("enough");
  expect(engine.inFlight).toBe(0);
  expect(engine.aborted).toBeGreaterThan(0);

  const later = new AbortController();
  async function* silent(): AsyncGenerator<JudgeInput> {
    await new Promise(() => {});
  }
  const waiting = collect(new Judge({ engine, pack }).judgeAll(silent(), { signal: later.signal }));
  await wait(5);
  later.abort(new Error("nothing comes"));
  await expect(waiting).rejects.toThrow("nothing comes");
});

test("a bug rejects the run after the results before it, and stops the work that is under way", async () => {
  const engine = new FakeEngine({
    delay: (request) => (request.messages[0]!.content.includes("Question 9?") ? wait(10_000) : wait(1)),
    answer: (request) => (request.messages[0]!.content.includes("Question 5?") ? new RangeError("a bug") : undefined),
  });
  const seen: string[] = [];
  const run = async () => {
    for await (const judgment of new Judge({ engine, pack }).judgeAll(items(50))) seen.push(judgment.id);
  };
  await expect(run()).rejects.toThrow("a bug");
  expect(seen).toEqual(["0", "1", "2", "3", "4"]);
  expect(engine.inFlight).toBe(0);
});

test("a source that fails ends the run after the results of what it gave", async () => {
  const seen: number[] = [];
  async function* source() {
    yield 1;
    yield 2;
    throw new Error("the file is gone");
  }
  const run = async () => {
    const options = { hasRoom: () => true, roomChanged: () => new Promise<void>(() => {}), window: 8 };
    for await (const each of orderedParallel(source(), async (value) => wait(5).then(() => value), options))
      seen.push(each);
  };
  await expect(run()).rejects.toThrow("the file is gone");
  expect(seen).toEqual([1, 2]);
});

test("a result is given out at once, even when the source takes its time for the next", async () => {
  const gate = deferred();
  async function* source() {
    yield item(0, 1);
    await gate.promise;
    yield item(1, 1);
  }
  const judgments = new Judge({ engine: new FakeEngine(), pack }).judgeAll(source());
  const first = await judgments.next();
  expect(first.value).toMatchObject({ id: "0" });
  gate.resolve();
  expect((await judgments.next()).value).toMatchObject({ id: "1" });
  expect((await judgments.next()).done).toBe(true);
});

test("an empty source gives nothing", async () => {
  expect(await collect(new Judge({ engine: new FakeEngine(), pack }).judgeAll([]))).toEqual([]);
});
