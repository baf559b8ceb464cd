import { expect, test } from "vitest";
import { calibrate, pickSetting } from "./calibrate.ts";
import { createToyBackend } from "./testing/toy-backend.ts";
import { hashModel } from "./testing/toy-model.ts";

/** A backend whose batches take a virtual time that depends on threads and sequences. */
function timedBackend(roundMilliseconds: (threads: number, sequences: number) => number, maxSequences?: number) {
  let clock = 0;
  const backend = createToyBackend(hashModel(1), {
    maxSequences,
    onDecode: (tokens) => {
      clock += roundMilliseconds(backend.contexts.at(-1)!.threads, tokens);
    },
  });
  return { backend, now: () => clock };
}

test("the fastest number of sequences wins, and is told with its rate", async () => {
  // 10 ms a batch and 1 ms a sequence more, up to 4; beyond that nothing is gained.
  const { backend, now } = timedBackend((_, sequences) => 10 + sequences + (sequences > 4 ? 3 * (sequences - 4) : 0));
  const result = await calibrate(backend, { threads: [1], sequences: [1, 2, 4, 8], now });
  expect(result).toMatchObject({ threads: 1, sequences: 4 });
  expect(result.tokensPerSecond).toBeCloseTo((1000 * 4) / 14, 6);
  expect(result.trials.map(({ sequences }) => sequences)).toEqual([1, 2, 4, 8]);
  expect(now()).toBeLessThan(4_000);
});

test("threads that collapse are given up at the first round, and the rest is still tried", async () => {
  let slowRounds = 0;
  const { backend, now } = timedBackend((threads, sequences) => {
    if (threads === 1 || sequences === 4) return 10;
    slowRounds++;
    return 500;
  });
  const result = await calibrate(backend, { threads: [1, 2], sequences: [1, 2, 4], now });
  expect(result.trials.filter(({ tokensPerSecond }) => tokensPerSecond === undefined)).toEqual([
    { threads: 2, sequences: 1, tokensPerSecond: undefined },
    { threads: 2, sequences: 2, tokensPerSecond: undefined },
  ]);
  // One to warm up, one that is timed.
  expect(slowRounds).toBe(4);
  expect(result).toMatchObject({ threads: 1, sequences: 4 });
  expect(backend.contexts[0]!.closed).toBe(true);
});

test("more threads must be clearly faster", async () => {
  const slightly = timedBackend((threads) => (threads === 1 ? 11 : 10));
  expect(await calibrate(slightly.backend, { threads: [2, 1], sequences: [2], now: slightly.now })).toMatchObject({
    threads: 1,
  });
  const clearly = timedBackend((threads) => (threads === 1 ? 15 : 10));
  expect(await calibrate(clearly.backend, { threads: [2, 1], sequences: [2], now: clearly.now })).toMatchObject({
    threads: 2,
  });
});

test("only as many sequences are tried as the machine has room for", async () => {
  const { backend, now } = timedBackend(() => 10, 2);
  const result = await calibrate(backend, { threads: [1], sequences: [1, 2, 8], now });
  expect(result.trials.map(({ sequences }) => sequences)).toEqual([1, 2]);
});

test("the budget holds for slow models too", async () => {
  const { backend, now } = timedBackend(() => 600);
  await calibrate(backend, { threads: [1, 2], sequences: [1, 4], now, budgetMilliseconds: 2_000 });
  // A round to warm up and two that are timed are the least that says anything.
  expect(now()).toBeLessThanOrEqual(4 * 3 * 600);
});

test("the context is closed when timing fails", async () => {
  const { backend, now } = timedBackend(() => {
    throw new Error("Eval has failed");
  });
  await expect(calibrate(backend, { threads: [1], sequences: [1], now })).rejects.toThrow("Eval has failed");
  expect(backend.contexts[0]!.closed).toBe(true);
});

test("an abort ends it with the signal's reason, and closes the context", async () => {
  const controller = new AbortController();
  const { backend, now } = timedBackend(() => {
    controller.abort(new Error("enough"));
    return 10;
  });
  const calibrating = calibrate(backend, { threads: [1], sequences: [1, 4], now, signal: controller.signal });
  await expect(calibrating).rejects.toThrow("enough");
  expect(backend.contexts[0]!.closed).toBe(true);
});

test("nothing is picked where nothing could be timed", () => {
  expect(() => pickSetting([{ threads: 1, sequences: 1 }])).toThrow("no setting");
});

test("more sequences must earn their memory", () => {
  const trials = [
    { threads: 1, sequences: 4, tokensPerSecond: 100 },
    { threads: 1, sequences: 8, tokensPerSecond: 102 },
  ];
  expect(pickSetting(trials)).toEqual(trials[0]);
});
