import { describe, expect, it } from "vitest";
import { type TiesPrompt, tiesScore } from "./ties-score.ts";

const prompt = (id: string, correct: number, scores: number[]): TiesPrompt => {
  const [kind, number] = id.split(":") as ["ref" | "tied", string];
  return { kind, number, correct: scores.slice(0, correct), wrong: scores.slice(correct) };
};

describe("the Ties score", () => {
  // Reference values of the official function.
  it("of a mixed case", () => {
    const found = tiesScore([
      prompt("ref:0", 1, [9, 3, 4, 2]),
      prompt("tied:0", 3, [9, 8, 8, 4, 3]),
      prompt("ref:1", 1, [7, 5, 6]),
      prompt("tied:1", 2, [9, 5, 4]),
    ]);
    expect(found.score).toBeCloseTo(0.801799529006, 11);
    expect(found).toMatchObject({ accuracyRef: 1, accuracyTied: 1, preferred: 0.5, preferredHard: 0.5, partners: 2 });
  });

  it("of a perfect judge with flat correct scores is 1.01, not 1", () => {
    const found = tiesScore([prompt("ref:0", 1, [10, 1, 1]), prompt("tied:0", 3, [10, 10, 10, 1])]);
    expect(found.score).toBeCloseTo(1.01, 12);
  });

  it("of a constant judge is 0: 0/0 counts as 0", () => {
    expect(tiesScore([prompt("ref:0", 1, [5, 5, 5]), prompt("tied:0", 2, [5, 5, 5])]).score).toBe(0);
  });

  it("reaches -0.01 where the spread is 0 and the gap negative", () => {
    expect(tiesScore([prompt("ref:0", 1, [1, 5]), prompt("tied:0", 2, [2, 2, 5])]).score).toBeCloseTo(-0.01, 12);
  });

  it("counts a prompt without a partner in its accuracy only", () => {
    const found = tiesScore([
      prompt("ref:0", 1, [9, 1]),
      prompt("tied:0", 2, [9, 9, 1]),
      prompt("ref:1", 1, [1, 9]),
      prompt("tied:7", 2, [1, 1, 9]),
    ]);
    expect(found).toMatchObject({ accuracyRef: 0.5, accuracyTied: 0.5, preferred: 1, partners: 1 });
  });

  it("is null without any partners", () => {
    expect(tiesScore([prompt("ref:0", 1, [9, 1])])).toMatchObject({ score: null, accuracyRef: 1, accuracyTied: null });
  });
});
