import { describe, expect, it } from "vitest";
import { countTwoOrders, isCorrectInTwoOrders, readVerdict, type Verdict, verdictOfScores } from "./two-orders.ts";

describe("the two-order rule, label A>B", () => {
  it.each<[Verdict, Verdict, boolean]>([
    ["A>B", "B>A", true],
    ["A>B", "A=B", true],
    ["A=B", "B>A", true],
    ["A>B", null, true],
    [null, "B>A", true],
    ["A>B", "A>B", false],
    ["B>A", "B>A", false],
    ["B>A", "A>B", false],
    ["A=B", "A=B", false],
    [null, null, false],
    [null, "A=B", false],
    ["B>A", null, false],
  ])("%s, then %s of the turned pair: %s", (first, turned, correct) => {
    expect(isCorrectInTwoOrders({ label: "A>B", verdicts: [first, turned] })).toBe(correct);
  });
});

it("counts agreement, ties, nulls and the position that was preferred", () => {
  const counts = countTwoOrders([
    { label: "A>B", verdicts: ["A>B", "B>A"] },
    { label: "B>A", verdicts: ["A>B", "A>B"] },
    { label: "B>A", verdicts: ["A=B", null] },
  ]);
  expect(counts).toEqual({
    ...{ pairs: 3, correct: 1, accuracy: 1 / 3, oneOrder: 1 / 3, bothRight: 1, disagree: 2, ties: 1, nulls: 1 },
    firstShare: 3 / 4,
  });
  expect(countTwoOrders([])).toMatchObject({ accuracy: null, firstShare: null });
});

it("a tie of a pointwise judge is B>A in both orders, so the verdicts cancel", () => {
  for (const label of ["A>B", "B>A"] as const)
    expect(isCorrectInTwoOrders({ label, verdicts: [verdictOfScores(5, 5), verdictOfScores(5, 5)] })).toBe(false);
  expect(verdictOfScores(null, 3)).toBeNull();
});

it.each([
  ["My verdict is [[A>>B]].", "A>B"],
  ["[[B>A]] ... so [[B>>A]]", "B>A"],
  ["[[A=B]]", "A=B"],
  ["[[A>B]] or [[B>A]]", null],
  ["A>B", null],
])("reads the verdict of %j", (text, verdict) => {
  expect(readVerdict(text)).toBe(verdict);
});
