import { Readable } from "node:stream";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { readItems } from "./read-items.ts";
import { readRows } from "./read-rows.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const lines = 200_000;

/** Heap plus buffers in MB, after a garbage collection. */
function memory(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

/** A stream that makes its lines as they are read, so that it takes no memory itself. */
function generated(line: (index: number) => string): Readable {
  return Readable.from(
    (function* () {
      for (let at = 0; at < lines; at += 500) {
        yield Buffer.from(Array.from({ length: 500 }, (_, index) => line(at + index)).join(""));
      }
    })(),
  );
}

test("200,000 items take no memory but 16 bytes a slot for their ids", async () => {
  const text = "x".repeat(200);
  const source = generated((index) => `{"id":"item number ${index}","query":"q","responses":["${text}"]}\n`);
  const before = memory();
  let [count, peak] = [0, 0];
  for await (const result of readItems(source)) {
    if (!result.ok) throw result.error;
    if (++count % 40_000 === 0) peak = Math.max(peak, memory() - before);
  }
  expect(count).toBe(lines);
  // 200,000 ids take 8 or 16 MB; the lines themselves are 50 MB.
  expect(peak).toBeLessThan(25);
}, 60_000);

test("a line of 200 MB is skipped without being kept", async () => {
  const piece = "x".repeat(2000);
  const before = memory();
  let peak = 0;
  const source = generated((index) => {
    if (index % 10_000 === 9_999) peak = Math.max(peak, memory() - before);
    return index < 100_000 ? piece : index === 100_000 ? '\n{"a":1}\n' : "";
  });
  const rows: unknown[] = [];
  for await (const row of readRows(source, { maxRowBytes: 1 << 20 })) rows.push(row.ok ? row.value : row.error.message);
  expect(rows).toEqual([expect.stringContaining("line 1: the row has 200,000,000 bytes"), { a: 1 }]);
  expect(peak).toBeLessThan(25);
}, 60_000);
