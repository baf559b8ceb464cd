import { beforeEach, expect, test } from "vitest";
import { ThreadGovernor } from "./thread-governor.ts";

let clock = 0;
let notices: string[] = [];
const create = (threads: number) =>
  new ThreadGovernor({
    threads,
    now: () => clock,
    onCollapse: (message) => notices.push(message),
    retryMilliseconds: 1000,
  });

/** A batch of 8 tokens that takes so long. */
function observe(governor: ThreadGovernor, milliseconds: number, tokens = 8): number {
  clock += milliseconds;
  return governor.observe(tokens, milliseconds);
}

beforeEach(() => {
  clock = 0;
  notices = [];
});

test("a steady pace and a single slow batch change nothing", () => {
  const governor = create(2);
  for (const milliseconds of [40, 42, 38, 400, 41, 40]) expect(observe(governor, milliseconds)).toBe(2);
  expect(governor.collapses).toBe(0);
});

test("two slow batches in a row mean one thread, and say so", () => {
  const governor = create(2);
  for (let batch = 0; batch < 5; batch++) observe(governor, 40);
  expect(observe(governor, 400)).toBe(2);
  expect(observe(governor, 400)).toBe(1);
  expect(governor.collapses).toBe(1);
  expect(notices).toEqual([expect.stringContaining("2 threads slowed down to 50 ms a token (usual 5.0)")]);
});

test("one batch that is fifty times slower is enough", () => {
  const governor = create(2);
  observe(governor, 40);
  expect(observe(governor, 2000)).toBe(1);
});

test("the configured number is tried again, later after each collapse", () => {
  const governor = create(4);
  observe(governor, 40);
  observe(governor, 2000);
  for (let batch = 0; batch < 15; batch++) expect(observe(governor, 60)).toBe(1);
  for (let batch = 0; batch < 4; batch++) observe(governor, 60);
  expect(observe(governor, 60)).toBe(4);
  expect(observe(governor, 2000)).toBe(1);
  for (let batch = 0; batch < 30; batch++) expect(observe(governor, 60)).toBe(1);
  for (let batch = 0; batch < 4; batch++) observe(governor, 60);
  expect(observe(governor, 60)).toBe(4);
});

test("slow batches that are short all the same are not a collapse", () => {
  const governor = create(2);
  for (const milliseconds of [4, 4, 100, 100, 100]) expect(observe(governor, milliseconds)).toBe(2);
});

test("fewer sequences cost more a token, which is not a collapse", () => {
  const governor = create(2);
  for (let batch = 0; batch < 5; batch++) observe(governor, 700, 32);
  for (let batch = 0; batch < 5; batch++) expect(observe(governor, 150, 1)).toBe(2);
});

test("one thread is never reduced", () => {
  const governor = create(1);
  for (const milliseconds of [40, 40, 4000, 4000]) expect(observe(governor, milliseconds)).toBe(1);
  expect(governor.collapses).toBe(0);
});
