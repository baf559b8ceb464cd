import { describe, expect, test } from "vitest";
import { nextJob } from "./next-job.ts";
import type { Job, Slot } from "./slot.ts";

const count = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

function job(feed: number[], tokensNeeded = feed.length): Job {
  return { step: { feed, want: { kind: "nothing" } }, fed: 0, passedOver: 0, tokensNeeded } as unknown as Job;
}

function slot(tokens: number[], running?: Job): Slot {
  return { tokens, job: running } as unknown as Slot;
}

describe("nextJob", () => {
  test("takes the program with the longest prefix, the oldest among equals", () => {
    const slots = [slot(count(0, 40), job(count(0, 40)))];
    const queue = [job([90, 91]), job(count(0, 10)), job(count(0, 30)), job([...count(0, 29), 99])];
    expect(nextJob(queue, slots, 100).job).toBe(queue[2]);
    expect(nextJob(queue.slice(0, 1), slots, 100)).toEqual({ job: queue[0], donor: undefined });
  });

  test("a program that continues a free sequence goes before a longer match with a busy one", () => {
    const busy = slot(count(0, 60), job(count(0, 60)));
    const free = slot(count(100, 120));
    const queue = [job(count(0, 50)), job([...count(100, 120), 7])];
    const next = nextJob(queue, [busy, free], 100);
    expect(next.job).toBe(queue[1]);
    expect(next.donor).toEqual({ slot: free, length: 20 });
  });

  test("a short match with a free sequence that holds much else does not count as continuing it", () => {
    const busy = slot(count(0, 60), job(count(0, 60)));
    const free = slot([...count(0, 5), ...count(200, 240)]);
    const queue = [job([...count(0, 5), 7, 8]), job(count(0, 50))];
    expect(nextJob(queue, [busy, free], 100).job).toBe(queue[1]);
  });

  test("the oldest is not passed over for ever, and what is too long is passed by", () => {
    const slots = [slot(count(0, 40))];
    const oldest = job([90, 91]);
    const better = () => job(count(0, 30));
    let rounds = 0;
    while (nextJob([oldest, better()], slots, 100).job !== oldest) rounds++;
    expect(rounds).toBeGreaterThan(0);
    expect(rounds).toBeLessThan(20);
    expect(nextJob([job([90]), job(count(0, 30), 200)], slots, 100).job.step.feed).toEqual([90]);
  });
});
