import { describe, expect, it } from "vitest";
import { backoffMs, parseRetryAfter } from "./retry.ts";

describe("parseRetryAfter", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");

  it.each([
    ["3", 3000],
    ["1.5", 1500],
    ["Thu, 01 Jan 2026 00:00:10 GMT", 10_000],
    ["Wed, 31 Dec 2025 00:00:00 GMT", 0],
    ["soon", undefined],
    [undefined, undefined],
  ])("reads %s", (value, expected) => {
    expect(parseRetryAfter(value, now)).toBe(expected);
  });
});

describe("backoffMs", () => {
  it("doubles its bound up to a cap, and jitters over all of it", () => {
    expect([1, 2, 3, 20].map((attempt) => backoffMs(attempt, () => 1))).toEqual([250, 500, 1000, 20_000]);
    expect(backoffMs(5, () => 0)).toBe(0);
  });

  it("waits at least as long as the server asks, up to a minute", () => {
    expect(backoffMs(1, () => 0, 3000)).toBe(3000);
    expect(backoffMs(1, () => 0, 3_600_000)).toBe(60_000);
  });
});
