import fc from "fast-check";
import { expect, test } from "vitest";
import { LookupDraft } from "./lookup-draft.ts";

test("what followed the last tokens before is guessed again", () => {
  const draft = new LookupDraft([1, 2, 3, 4, 5, 9, 1, 2], { pattern: 2, length: 2 });
  expect(draft.draft()).toEqual([3, 4]);
  draft.push([3]);
  expect(draft.draft()).toEqual([4, 5]);
});

test("the latest occurrence counts", () => {
  expect(new LookupDraft([1, 2, 7, 1, 2, 8, 1, 2], { pattern: 2, length: 1 }).draft()).toEqual([8]);
});

test("nothing is guessed for what was never seen, nor from the end itself", () => {
  expect(new LookupDraft([1, 2, 3, 4], { pattern: 2 }).draft()).toEqual([]);
  expect(new LookupDraft([1], { pattern: 3 }).draft()).toEqual([]);
});

test("a guess is always a copy of what follows an earlier occurrence", () => {
  const tokens = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 60 });
  fc.assert(
    fc.property(tokens, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }), (list, pattern, length) => {
      const guess = new LookupDraft(list, { pattern, length }).draft();
      const key = list.slice(-pattern).join();
      const earlier = list.findLastIndex(
        (_, end) => end >= pattern && end < list.length && list.slice(end - pattern, end).join() === key,
      );
      expect(guess).toEqual(earlier === -1 || list.length < pattern ? [] : list.slice(earlier, earlier + length));
    }),
  );
});
