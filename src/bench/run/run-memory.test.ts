import { rm } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { judgeReply } from "../../../test/stub-server/judge-reply.mjs";
import type { Engine } from "../../engines/engine.ts";
import { chooseItems } from "./choose-items.ts";
import { readRun, scoredItems } from "./read-run.ts";
import { runBench } from "./run-bench.ts";
import { pack, runFolder } from "./run-test-helpers.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** More for a measurement: `CERM_BENCH_ITEMS=10000`. */
const count = Number(process.env.CERM_BENCH_ITEMS ?? 1500);

/** Answers at once and keeps nothing. */
const stub: Engine = {
  identity: { engine: "stub", model: "stub" },
  capabilities: { forms: "none", logprobs: false, sharedPrefix: false, tokens: false },
  concurrency: 32,
  generate: async ({ messages }) => {
    await new Promise((resolve) => setImmediate(resolve));
    const usage = { promptTokens: 100, cachedPromptTokens: 40, outputTokens: 10 };
    return [{ text: judgeReply(messages), finishReason: "stop", usage, milliseconds: 1 }];
  },
  close: async () => {},
};

let folder: Awaited<ReturnType<typeof runFolder>>;
beforeEach(async () => {
  folder = await runFolder();
});
afterEach(() => rm(folder.path, { recursive: true }));

test("memory stays flat in the number of items", { timeout: 300_000 }, async () => {
  const words = "and so the answer goes on for a while ".repeat(100);
  const rows = Array.from({ length: count }, (_, index) => ({
    query: `Question ${index}? ${words.slice(0, 1000)}`,
    responses: [`${index} first ${words}`, `${index} second ${words}`],
  }));
  const found = await folder.data("toy", rows);
  const textBytes = rows.reduce((sum, { query, responses }) => sum + query.length + responses.join("").length, 0);
  rows.length = 0;
  const chosen = await chooseItems([found], { seed: 0 });
  const heaps: number[] = [];
  // Kept answers would be the store's memory, not the run's.
  const store = { get: async () => undefined, put: async () => {}, close: async () => {} };
  const startedAt = performance.now();
  await runBench({
    ...{ out: folder.out, chosen, mode: "unified", version: "0.0.0", judge: { engine: stub, pack, store } },
    onProgress: ({ done }) => {
      if (done === Math.floor(count / 3) || done === count) {
        collectGarbage();
        heaps.push(process.memoryUsage().heapUsed);
      }
    },
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const growth = heaps.at(-1)! - heaps[0]!;
  if (process.env.CERM_BENCH_ITEMS !== undefined)
    console.log({ count, seconds, heapsMB: heaps.map((heap) => heap / 1e6), rssMB: process.memoryUsage.rss() / 1e6 });
  // Two thirds of the items passed between the two: holding their texts once would show.
  expect(growth).toBeLessThan(textBytes / 3);
  const opened = await readRun(folder.out);
  expect(await scoredItems(opened, "hard", "toy")).toHaveLength(count);
});
