import { expect, test } from "vitest";
import { criteriaReward, pairRewards } from "./pair-rewards.ts";

const penalty = -1;

test("an evaluation earns the share of the other side that it is ranked right against", () => {
  expect(pairRewards([8, 5], [6, 4], penalty)).toEqual({ chosen: [1, 0.5], rejected: [0.5, 1] });
});

test("ties are worth nothing, on either side", () => {
  expect(pairRewards([7, 7], [7, 3], penalty)).toEqual({ chosen: [0.5, 0.5], rejected: [0, 1] });
});

test("an evaluation without a score gets the penalty, and the others are not compared with it", () => {
  expect(pairRewards([8, "unparsable"], [9, 4], penalty)).toEqual({ chosen: [0.5, -1], rejected: [0, 1] });
  expect(pairRewards([8, "unparsable"], [9, 4], -0.25).chosen).toEqual([0.5, -0.25]);
});

test("where the other side has no valid score there is no signal, but the penalty stays", () => {
  const { chosen, rejected } = pairRewards([8, 5, "unparsable"], ["unparsable", "unparsable"], penalty);
  expect(chosen).toEqual([null, null, -1]);
  expect(rejected).toEqual([-1, -1]);
});

test("masked evaluations neither earn nor are compared with", () => {
  expect(pairRewards([8, "masked"], ["masked", 9], penalty)).toEqual({ chosen: [0, null], rejected: [null, 0] });
});

test("criteria earn the share of right comparisons; those without a score are wrong ones", () => {
  expect(criteriaReward([8, 5], [6, 4])).toBe(0.75);
  expect(criteriaReward([8, "unparsable"], [6, 8])).toBe(0.25);
  expect(criteriaReward(["unparsable", "unparsable"], [6, 4])).toBe(0);
  expect(criteriaReward([7], [7])).toBe(0);
});

test("criteria are not charged for masked evaluations, and get no signal where nothing else is left", () => {
  expect(criteriaReward([8, "masked"], [6, 4])).toBe(1);
  expect(criteriaReward(["masked"], [6, 4])).toBeNull();
});
