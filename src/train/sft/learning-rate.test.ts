import { describe, expect, test } from "vitest";
import { learningRate } from "./learning-rate.ts";

const rates = (options: Partial<Parameters<typeof learningRate>[0]>) => {
  const all = { schedule: "linear" as const, peak: 1, warmupSteps: 0, totalSteps: 4, finalShare: 0, ...options };
  return Array.from({ length: all.totalSteps }, (_, step) => learningRate(all)(step));
};

describe("learning rate", () => {
  test("linear falls in equal steps and would reach its end after the last step", () => {
    expect(rates({})).toEqual([1, 0.75, 0.5, 0.25]);
    expect(rates({ finalShare: 0.5 })).toEqual([1, 0.875, 0.75, 0.625]);
  });

  test("cosine falls slowly, fast, slowly", () => {
    const [first, second, third, fourth] = rates({ schedule: "cosine" });
    expect(first).toBe(1);
    expect(second).toBeCloseTo((1 + Math.SQRT1_2) / 2, 12);
    expect(third).toBeCloseTo(0.5, 12);
    expect(fourth).toBeCloseTo((1 - Math.SQRT1_2) / 2, 12);
  });

  test("constant stays", () => {
    expect(rates({ schedule: "constant", peak: 3e-4 })).toEqual([3e-4, 3e-4, 3e-4, 3e-4]);
  });

  test("warm-up begins above 0, reaches the peak at its last step, and the fall takes the rest", () => {
    expect(rates({ warmupSteps: 2, totalSteps: 6 })).toEqual([0.5, 1, 1, 0.75, 0.5, 0.25]);
  });

  test("a warm-up longer than the training is refused", () => {
    expect(() => rates({ warmupSteps: 5 })).toThrow("got 5 steps, and the whole training has 4");
  });
});
