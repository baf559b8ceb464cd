import { expect, test } from "vitest";
import { clock, Progress } from "./progress.ts";

function fakeStream(columns?: number) {
  const written: string[] = [];
  const stream = { columns, write: (text: string) => written.push(text) > 0 };
  return { written, stream: stream as unknown as NodeJS.WriteStream };
}

test("tells how far, how fast and how long still", () => {
  let now = 1000;
  const progress = new Progress("judge", { enabled: false, now: () => now, stream: fakeStream().stream });
  expect(progress.line()).toBe("judge 0 · 0:00");
  now += 4000;
  progress.done = 12;
  expect(progress.line()).toBe("judge 12 · 3.0/s · 0:04");
  progress.total = 20;
  expect(progress.line()).toBe("judge 12/20 · 3.0/s · 0:03 left");
  progress.note = "1 unscored";
  expect(progress.line()).toBe("judge 12/20 · 3.0/s · 0:03 left · 1 unscored");
  now += 56_000;
  expect(progress.line()).toBe("judge 12/20 · 5.0 s each · 0:40 left · 1 unscored");
});

test("draws one line no wider than the terminal, and removes it at the end", () => {
  const { written, stream } = fakeStream(12);
  const progress = new Progress("criteria", { enabled: true, stream, now: () => 0 });
  progress.draw();
  expect(written).toEqual(["\r\u001b[Kcriteria 0 "]);
  progress.stop();
  expect(written.at(-1)).toBe("\r\u001b[K");
});

test("writes nothing where nobody watches", () => {
  const { written, stream } = fakeStream();
  new Progress("judge", { enabled: false, stream }).stop();
  expect(written).toEqual([]);
});

test.each([
  [0, "0:00"],
  [65, "1:05"],
  [3599.4, "59:59"],
  [3600, "1:00:00"],
  [7389, "2:03:09"],
  [-3, "0:00"],
])("%d seconds are %s", (seconds, text) => {
  expect(clock(seconds)).toBe(text);
});
