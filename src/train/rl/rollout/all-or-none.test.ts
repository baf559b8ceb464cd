import { afterEach, beforeEach, expect, test } from "vitest";
import { allOrNone } from "./all-or-none.ts";

const warnings: Error[] = [];
const note = (warning: Error) => void warnings.push(warning);
beforeEach(() => {
  warnings.length = 0;
  process.on("warning", note);
});
afterEach(() => void process.off("warning", note));

test("the first failure ends all other work", async () => {
  const ended: number[] = [];
  const run = allOrNone(undefined, [0, 1, 2], async (element, signal) => {
    if (element === 1) throw new Error("lost");
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    ended.push(element);
  });
  await expect(run).rejects.toThrow("lost");
  expect(ended).toEqual([0, 2]);
});

test("much work may wait for one signal without a word about leaks", async () => {
  const elements = [...Array(40).keys()];
  const all = await allOrNone(new AbortController().signal, elements, async (element, signal) => {
    signal.addEventListener("abort", () => {});
    return element;
  });
  expect(all).toEqual(elements);
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual([]);
});
