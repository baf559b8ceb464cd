import fc from "fast-check";
import { expect, test } from "vitest";
import { editDistance } from "./edit-distance.ts";
import { nearest } from "./nearest.ts";

test.each([
  ["kitten", "sitting", 3],
  ["", "abc", 3],
  ["flaw", "lawn", 2],
  ["same", "same", 0],
])("from %s to %s are %i edits", (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
});

test("it is symmetric, and no more than the longer length", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

test("nearest suggests what a word was meant to be, and nothing where it is far from all", () => {
  expect(nearest("respones", ["query", "responses", "id"])).toBe("responses");
  expect(nearest("temperature", ["query", "responses", "id"])).toBeUndefined();
});
