import { expect, test } from "vitest";
import { ContextOverflowError } from "../../core/errors.ts";
import type { Program } from "./step.ts";
import { runProgram } from "./testing/run-program.ts";
import { createScheduler, model, plain, run, tokensOf } from "./testing/scheduler-fixture.ts";
import { createToyBackend } from "./testing/toy-backend.ts";

test("grows when a long prompt arrives, after what is running is done", async () => {
  const backend = createToyBackend(model);
  const scheduler = createScheduler(backend, { contextTokens: 100 });
  const [short, long] = [tokensOf(1, 30), tokensOf(2, 300)];
  const outcomes = await Promise.all([
    run(scheduler, plain(short), short),
    run(scheduler, plain(long), long),
    run(scheduler, plain(short), short),
  ]);
  expect(outcomes.map(({ value }) => value)).toEqual(
    [short, long, short].map((prompt) => runProgram(plain(prompt), model, prompt).value),
  );
  expect(backend.shapes.map(({ contextTokens }) => contextTokens).at(-1)).toBeGreaterThanOrEqual(360);
  await scheduler.close();
});

test("never grows over its bound", async () => {
  const backend = createToyBackend(model);
  const scheduler = createScheduler(backend, { contextTokens: 100, maxContextTokens: 400 });
  const long = tokensOf(2, 300);
  await run(scheduler, plain(long), long);
  expect(backend.shapes.map(({ contextTokens }) => contextTokens)).toEqual([400]);
  await scheduler.close();
});

test("a program that outgrows its sequence fails alone, with both lengths", async () => {
  function* endless(): Program<never> {
    yield { feed: tokensOf(3, 50), want: { kind: "nothing" } };
    for (;;) yield { feed: [300, 301, 302], want: { kind: "nothing" } };
  }
  const backend = createToyBackend(model, { trainContextTokens: 100 });
  const scheduler = createScheduler(backend, { contextTokens: 100 });
  const prompt = tokensOf(2, 20);
  const good = run(scheduler, plain(prompt, 30), prompt);
  const error = await run(scheduler, endless(), prompt).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ContextOverflowError);
  expect(error).toMatchObject({ promptTokens: 101, contextTokens: 100 });
  expect((await good).value.outputTokens).toBeGreaterThan(0);
  await scheduler.close();
});

test("a context that comes out smaller than asked rejects what does not fit", async () => {
  const backend = createToyBackend(model);
  const make = backend.createContext.bind(backend);
  backend.createContext = (shape) => make({ ...shape, contextTokens: Math.min(128, shape.contextTokens) });
  const scheduler = createScheduler(backend, { contextTokens: 100 });
  const [short, long] = [tokensOf(1, 30), tokensOf(2, 300)];
  await expect(run(scheduler, plain(long), long)).rejects.toMatchObject({
    code: "context-overflow",
    contextTokens: 128,
  });
  expect((await run(scheduler, plain(short), short)).value.outputTokens).toBeGreaterThan(0);
  await scheduler.close();
});

test("fewer sequences than asked for serve everything", async () => {
  const scheduler = createScheduler(createToyBackend(model, { maxSequences: 1 }), { sequences: 8 });
  const prompt = tokensOf(1, 10);
  const outcomes = await Promise.all([1, 2, 3].map(() => run(scheduler, plain(prompt), prompt)));
  for (const { value } of outcomes) expect(value).toEqual(runProgram(plain(prompt), model, prompt).value);
  await scheduler.close();
});
