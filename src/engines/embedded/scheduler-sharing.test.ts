import { expect, test } from "vitest";
import type { Scheduler } from "./scheduler.ts";
import type { Program } from "./step.ts";
import { createScheduler, model, plain, run, tick, tokensOf } from "./testing/scheduler-fixture.ts";
import { createToyBackend } from "./testing/toy-backend.ts";
import { toyTokenizer } from "./testing/toy-model.ts";

const prefix = tokensOf(1, 100);
const prompts = [..."abcdexyz"].map((letter, index) => [
  ...prefix,
  ...toyTokenizer.tokenize(letter),
  ...tokensOf(index, 4),
]);
const one = (prompt: number[]) => plain(prompt, 1);

test.each([2, 4, 8])("a prefix is computed once on %i sequences", async (sequences) => {
  const backend = createToyBackend(model);
  const scheduler = createScheduler(backend, { sequences });
  const outcomes = await Promise.all(prompts.map((prompt) => run(scheduler, one(prompt), prompt)));
  expect(backend.computedTokens).toBe(100 + 8 * 5);
  expect(outcomes.filter(({ cachedTokens }) => cachedTokens === 100)).toHaveLength(7);
  await scheduler.close();
});

test("without sharing every prompt is computed", async () => {
  const backend = createToyBackend(model);
  const scheduler = createScheduler(backend, { sharePrefixes: false });
  const outcomes = await Promise.all(prompts.map((prompt) => run(scheduler, one(prompt), prompt)));
  expect(backend.computedTokens).toBe(8 * 105);
  expect(outcomes.every(({ cachedTokens }) => cachedTokens === 0)).toBe(true);
  await scheduler.close();
});

test("a prompt that waits for one that itself waits still gets the longer prefix", async () => {
  const backend = createToyBackend(model);
  const scheduler = createScheduler(backend, { sequences: 3 });
  // Fills all sequences with long texts, so that a waiting sequence holds many tokens of something else.
  await Promise.all([71, 72, 73].map((seed) => run(scheduler, one(tokensOf(seed, 200)), tokensOf(seed, 200))));
  const before = backend.computedTokens;
  const middle = tokensOf(60, 40);
  const chain = [
    [...prefix, ...tokensOf(80, 30)],
    [...prefix, ...middle, ...tokensOf(81, 5)],
    [...prefix, ...middle, ...tokensOf(82, 5)],
  ];
  await Promise.all(chain.map((prompt) => run(scheduler, one(prompt), prompt)));
  expect(backend.computedTokens - before).toBeLessThanOrEqual(130 + 45 + 5);
  await scheduler.close();
});

test("when the program that computes the prefix is aborted, another one takes over for all", async () => {
  const abort = new AbortController();
  let batches = 0;
  const backend = createToyBackend(model, {
    onDecode: () => void (++batches === 3 && abort.abort(new Error("enough"))),
  });
  const scheduler = createScheduler(backend, { sequences: 8 });
  const outcomes = await Promise.allSettled(
    prompts.map((prompt, index) => run(scheduler, one(prompt), prompt, index === 0 ? abort.signal : undefined)),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", ...new Array(7).fill("fulfilled")]);
  expect(outcomes[0]).toMatchObject({ reason: { message: "enough" } });
  expect(backend.computedTokens).toBeLessThanOrEqual(100 + 7 * 5);
  await scheduler.close();
});

test("a wait ends when the other sequence drops what it was to give", async () => {
  const draft = [...prefix, ...tokensOf(90, 20)];
  // Feeds a long text after its prompt, erases it at once and goes on for long.
  function* fickle(): Program<string> {
    yield { feed: prefix.slice(0, 10), want: { kind: "nothing" } };
    yield { feed: draft.slice(10), want: { kind: "nothing" } };
    yield { erase: draft.length - 10, feed: [], want: { kind: "nothing" } };
    for (let step = 0; step < 60; step++) yield { feed: [300], want: { kind: "nothing" } };
    return "fickle";
  }
  const order: string[] = [];
  const prompt = [...draft, ...tokensOf(91, 5)];
  let waiting: Promise<unknown> | undefined;
  const backend = createToyBackend(model, {
    // While the first batch is computed: in the next round the long text is still to come.
    onDecode: () => {
      waiting ??= run(scheduler, one(prompt), prompt).then(() => order.push("waiting"));
    },
  });
  const scheduler: Scheduler = createScheduler(backend, { batchTokens: 200 });
  await run(scheduler, fickle(), draft).then(() => order.push("fickle"));
  await waiting;
  expect(order).toEqual(["waiting", "fickle"]);
  await scheduler.close();
});

test("a prefix is copied before its sequence is given to the next program", async () => {
  const backend = createToyBackend(model);
  const scheduler = createScheduler(backend, { sequences: 2 });
  const other = tokensOf(31, 50);
  const long = [...prefix, ...tokensOf(32, 150)];
  await run(scheduler, one(other), other);
  await run(scheduler, one(long), long);
  const before = backend.computedTokens;
  const [sharing, lonely] = [prompts[0]!, [300, ...tokensOf(33, 9)]];
  await Promise.all([sharing, lonely].map((prompt) => run(scheduler, one(prompt), prompt)));
  expect(backend.computedTokens - before).toBe(5 + 10);
  await scheduler.close();
});

test("a program that shares nothing is not passed over for ever", async () => {
  const backend = createToyBackend(model);
  const scheduler = createScheduler(backend, { sequences: 1 });
  let lonelyDone = false;
  let after = 0;
  const stream = async () => {
    // Always two in the queue, each sharing more than the lonely one.
    for (let index = 0; index < 20; index++) {
      const prompt = prompts[index % prompts.length]!;
      await run(scheduler, one(prompt), prompt);
      if (!lonelyDone) after++;
    }
  };
  const streams = [stream(), stream()];
  await tick();
  const lonely = tokensOf(7, 30).map((token) => token + 1);
  await run(scheduler, one(lonely), lonely).then(() => {
    lonelyDone = true;
  });
  await Promise.all(streams);
  expect(after).toBeLessThan(10);
  await scheduler.close();
});
