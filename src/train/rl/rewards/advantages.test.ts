import { expect, test } from "vitest";
import { criteriaTrajectory as criteria, evaluationTrajectories as evaluations } from "../testing/trajectories.ts";
import { instanceAdvantages, normaliseGroup } from "./advantages.ts";

const method = { groups: "three", trainCriteria: true } as const;
const trajectories = [
  criteria(0),
  criteria(1),
  ...evaluations("chosen", 0, [0, 0]),
  ...evaluations("rejected", 0, [0, 0]),
];
const close = (values: (number | null)[]) => values.map((value) => (value === null ? null : expect.closeTo(value, 4)));

test("a group is normalised by its mean and its population's standard deviation", () => {
  // Mean 0.5, population deviation sqrt((0.25 + 0.25 + 0 + 0) / 4) = 0.35355.
  expect(normaliseGroup([1, 0, 0.5, 0.5])).toEqual(close([Math.SQRT2, -Math.SQRT2, 0, 0]));
});

test("a group with zero spread gives zeros, also where its mean is not exact", () => {
  expect(normaliseGroup([1 / 3, 1 / 3, 1 / 3])).toEqual([0, 0, 0]);
  expect(normaliseGroup([0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])).toEqual([0, 0, 0, 0, 0, 0, 0]);
  expect(normaliseGroup([-1])).toEqual([0]);
});

test("what carries no signal stands aside and does not move the others", () => {
  expect(normaliseGroup([1, null, 0])).toEqual(close([1, null, -1]));
  expect(normaliseGroup([null, null])).toEqual([null, null]);
});

test("criteria and the evaluations of either side are groups of their own", () => {
  expect(instanceAdvantages(trajectories, [1, 0, 1, 0, 0.5, 0.5], method)).toEqual(close([1, -1, 1, -1, 0, 0]));
});

test("pooled evaluations are one group, beside the criteria", () => {
  // Mean of 1, 0, 0.5, 0.5 is 0.5.
  const pooled = instanceAdvantages(trajectories, [1, 0, 1, 0, 0.5, 0.5], { ...method, groups: "pooled-evaluations" });
  expect(pooled).toEqual(close([1, -1, Math.SQRT2, -Math.SQRT2, 0, 0]));
});

test("everything pooled is one group", () => {
  const pooled = instanceAdvantages(trajectories, [1, 1, 1, 0, 0, 0], { ...method, groups: "pooled" });
  expect(pooled).toEqual(close([1, 1, 1, -1, -1, -1]));
});

test("criteria that are not trained have no advantage and are in no group", () => {
  const options = { ...method, trainCriteria: false, groups: "pooled" } as const;
  expect(instanceAdvantages(trajectories, [-1, -1, 1, 0, 1, 0], options)).toEqual(close([null, null, 1, -1, 1, -1]));
});

test("criteria for one response are normalised by side", () => {
  const four = [
    criteria(0, 3, "chosen"),
    criteria(1, 3, "chosen"),
    criteria(0, 3, "rejected"),
    criteria(1, 3, "rejected"),
  ];
  expect(instanceAdvantages(four, [1, 0, 0.25, 0.25], method)).toEqual(close([1, -1, 0, 0]));
});
