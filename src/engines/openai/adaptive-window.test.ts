import { describe, expect, it } from "vitest";
import { AdaptiveWindow, type Permit } from "./adaptive-window.ts";

async function fill(window: AdaptiveWindow): Promise<Permit[]> {
  return Promise.all(Array.from({ length: window.size - window.inFlight }, () => window.acquire()));
}

async function roundTrip(window: AdaptiveWindow): Promise<void> {
  const permits = await fill(window);
  for (const permit of permits) window.release(permit, "success");
}

describe("AdaptiveWindow", () => {
  it("grows while it is full, and not beyond its maximum", async () => {
    const window = new AdaptiveWindow({ start: 4, max: 100 });
    // All requests are queued at once, so the window stays full until the queue is empty.
    let done = 0;
    let most = 0;
    const work = Array.from({ length: 2000 }, async () => {
      const permit = await window.acquire();
      most = Math.max(most, window.inFlight);
      await Promise.resolve();
      done++;
      window.release(permit, "success");
    });
    await Promise.all(work);
    expect(done).toBe(2000);
    expect(window.size).toBe(100);
    expect(most).toBe(100);
    expect(window.inFlight).toBe(0);
  });

  it("does not grow while it is not full", async () => {
    const window = new AdaptiveWindow({ start: 8, max: 100 });
    for (let index = 0; index < 50; index++) window.release(await window.acquire(), "success");
    expect(window.size).toBe(8);
  });

  it("is halved once for all requests that were in flight together, then grows by about one a round trip", async () => {
    const window = new AdaptiveWindow({ start: 64, max: 512 });
    const permits = await fill(window);
    for (const permit of permits) window.release(permit, "congested");
    expect(window.size).toBe(32);
    await roundTrip(window);
    expect(window.size).toBeLessThanOrEqual(33);
    const more = await fill(window);
    for (const permit of more) window.release(permit, "congested");
    expect(window.size).toBe(16);
  });

  it("never falls below one", async () => {
    const window = new AdaptiveWindow({ start: 2, max: 8 });
    for (let index = 0; index < 10; index++) window.release(await window.acquire(), "congested");
    expect(window.size).toBe(1);
  });

  it("admits in order and lets an aborted one leave the line", async () => {
    const window = new AdaptiveWindow({ start: 1, max: 1 });
    const first = await window.acquire();
    const order: string[] = [];
    const controller = new AbortController();
    const second = window.acquire(controller.signal);
    const third = window.acquire().then((permit) => {
      order.push("third");
      return permit;
    });
    const fourth = window.acquire().then((permit) => {
      order.push("fourth");
      return permit;
    });
    controller.abort(new Error("enough"));
    await expect(second).rejects.toThrow("enough");
    window.release(first, "success");
    window.release(await third, "success");
    window.release(await fourth, "success");
    expect(order).toEqual(["third", "fourth"]);
    expect(window.inFlight).toBe(0);
    expect(window.waiting).toBe(0);
  });
});
