import { expect, test } from "vitest";
import { type Form, formFreeTokens } from "./form.ts";
import { queryFromText } from "./query.ts";
import { isWithinScale, scaleScores } from "./scale.ts";
import { addUsage, noUsage } from "./usage.ts";

test("the scores of a scale, both ends included", () => {
  expect(scaleScores({ min: 0, max: 1, step: 0.5 })).toEqual([0, 0.5, 1]);
  expect(scaleScores({ min: 0, max: 10, step: 0.5 })).toHaveLength(21);
  expect(scaleScores({ min: 1, max: 5, step: 1 })).toEqual([1, 2, 3, 4, 5]);
});

test("a number is on a scale by its range, steps or not; what is no number never is", () => {
  const scale = { min: 0, max: 10, step: 0.5 };
  expect([0, 7.3, 10].map((value) => isWithinScale(value, scale))).toEqual([true, true, true]);
  const outside = [-0.1, 10.1, Number.NaN, Number.POSITIVE_INFINITY];
  expect(outside.map((value) => isWithinScale(value, scale))).toEqual([false, false, false, false]);
});

test("the free tokens of a form count repeats at their most", () => {
  const free = (maxTokens: number) => ({ kind: "free" as const, name: "x", maxTokens, stop: [] });
  const form: Form = {
    parts: [
      { kind: "fixed", text: "Analysis:" },
      free(10),
      { kind: "repeat", name: "r", min: 1, max: 3, open: "{i}.", parts: [free(5)], close: "" },
      { kind: "choice", name: "c", options: ["1", "2"] },
    ],
  };
  expect(formFreeTokens(form)).toBe(10 + 3 * 5 + 4);
});

test("usage adds up member by member, and a text is a conversation of one message", () => {
  const usage = { promptTokens: 3, cachedPromptTokens: 2, outputTokens: 1 };
  expect(addUsage(usage, addUsage(usage, noUsage))).toEqual({
    promptTokens: 6,
    cachedPromptTokens: 4,
    outputTokens: 2,
  });
  expect(queryFromText("Why?")).toEqual({ messages: [{ role: "user", content: "Why?" }] });
});
