import type { Clock } from "../../src/core/clock.ts";
import type { GenerateRequest } from "../../src/engines/engine.ts";

/** A request for tests; `changes` replaces its members. */
export function testRequest(changes: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    messages: [{ role: "user", content: "What is good about tea?" }],
    n: 1,
    maxTokens: 64,
    temperature: 0,
    topP: 1,
    seed: 7,
    stop: [],
    ...changes,
  };
}

/** A clock that does not wait: sleeping moves it on, and the waits are kept. */
export function testClock(): Clock & { sleeps: number[] } {
  let now = Date.parse("2026-01-01T00:00:00Z");
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => now,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      sleeps.push(ms);
      now += ms;
    },
  };
}
