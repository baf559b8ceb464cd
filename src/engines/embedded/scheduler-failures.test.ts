import { expect, test } from "vitest";
import type { Scheduler } from "./scheduler.ts";
import type { Program } from "./step.ts";
import { runProgram } from "./testing/run-program.ts";
import { createScheduler, model, plain, run, tick, tokensOf } from "./testing/scheduler-fixture.ts";
import { createToyBackend } from "./testing/toy-backend.ts";

const prompt = tokensOf(2, 20);

test("an abort reaches queued, waiting and running programs, and no other", async () => {
  const aborts = Array.from({ length: 4 }, () => new AbortController());
  let batches = 0;
  const backend = createToyBackend(model, {
    onDecode: () => {
      if (++batches === 2) for (const [index, abort] of aborts.entries()) abort.abort(`stop ${index}`);
    },
  });
  const scheduler = createScheduler(backend, { sequences: 3, batchTokens: 8 });
  const outcomes = await Promise.allSettled([
    ...aborts.map(({ signal }) => run(scheduler, plain(prompt, 30), prompt, signal)),
    run(scheduler, plain(prompt), prompt),
  ]);
  expect(outcomes.slice(0, 4)).toEqual([0, 1, 2, 3].map((index) => ({ status: "rejected", reason: `stop ${index}` })));
  const alone = runProgram(plain(prompt), model, prompt).value;
  expect(outcomes[4]).toMatchObject({ status: "fulfilled", value: { value: alone } });
  await scheduler.close();
});

test("a signal that is aborted already rejects at once", async () => {
  const backend = createToyBackend(model);
  const scheduler = createScheduler(backend);
  await expect(run(scheduler, plain(prompt), prompt, AbortSignal.abort("early"))).rejects.toBe("early");
  expect(backend.contexts).toHaveLength(0);
  await scheduler.close();
});

test("a program that throws fails alone", async () => {
  function* faulty(): Program<string> {
    yield { feed: prompt, want: { kind: "sample", from: prompt.length - 1 } };
    throw new Error("a fault in a program");
  }
  const scheduler = createScheduler(createToyBackend(model));
  const good = run(scheduler, plain(prompt), prompt);
  await expect(run(scheduler, faulty(), prompt)).rejects.toThrow("a fault in a program");
  expect((await good).value).toEqual(runProgram(plain(prompt), model, prompt).value);
  await scheduler.close();
});

test("a failing decode fails what is there, and the next program works again", async () => {
  let batches = 0;
  const backend = createToyBackend(model, {
    onDecode: () => {
      if (++batches === 2) throw new Error("Eval has failed");
    },
  });
  const scheduler = createScheduler(backend, { sequences: 2 });
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => run(scheduler, plain(prompt), prompt)));
  expect(
    outcomes.every((outcome) => outcome.status === "rejected" && outcome.reason.message === "Eval has failed"),
  ).toBe(true);
  expect(backend.contexts[0]!.closed).toBe(true);
  const next = await run(scheduler, plain(prompt), prompt);
  expect(next.value).toEqual(runProgram(plain(prompt), model, prompt).value);
  await scheduler.close();
});

test("when one read fails, the others end before the context is closed", async () => {
  const backend = createToyBackend(model);
  const scheduler = createScheduler(backend);
  await run(scheduler, plain(prompt), prompt);
  const native = backend.contexts[0]!;
  const read = native.sampleToken.bind(native);
  const close = native.close.bind(native);
  let reads = 0;
  let readingAtClose: number | undefined;
  native.sampleToken = async (...args) => {
    if (++reads === 1) throw new Error("a read failed");
    await tick();
    const result = await read(...args);
    reads--;
    return result;
  };
  native.close = () => {
    readingAtClose = reads - 1;
    close();
  };
  const outcomes = await Promise.allSettled([1, 2].map((seed) => run(scheduler, plain(tokensOf(seed, 4)), prompt)));
  const messages = outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.message);
  expect(messages).toEqual(["a read failed", "a read failed"]);
  expect(readingAtClose).toBe(0);
  expect(native.closed).toBe(true);
  await scheduler.close();
});

test("a program submitted the moment another one ends is not forgotten", async () => {
  const scheduler = createScheduler(createToyBackend(model));
  // Every number of turns between the end of one and the start of the next.
  for (let hops = 0; hops < 12; hops++) {
    await run(scheduler, plain(prompt, 1), prompt);
    for (let hop = 0; hop < hops; hop++) await undefined;
    await run(scheduler, plain(prompt, 1), prompt);
  }
  await scheduler.close();
});

test("closing rejects what is running and queued, and what comes later", async () => {
  let batches = 0;
  let closing: Promise<void> | undefined;
  const backend = createToyBackend(model, {
    onDecode: () => {
      if (++batches === 3) closing = scheduler.close();
    },
  });
  const scheduler: Scheduler = createScheduler(backend, { sequences: 1 });
  const outcomes = await Promise.allSettled([1, 2].map(() => run(scheduler, plain(prompt, 30), prompt)));
  await closing;
  expect(outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.code)).toEqual([
    "engine-closed",
    "engine-closed",
  ]);
  expect(backend.contexts[0]!.closed).toBe(true);
  await expect(run(scheduler, plain(prompt), prompt)).rejects.toThrow("closed");
  expect(backend.contexts).toHaveLength(1);
});
