import { expect, test } from "vitest";
import { criteriaTrajectory as criteria, evaluationTrajectories as evaluations } from "../testing/trajectories.ts";
import { instanceRewards } from "./instance-rewards.ts";

const unified = { mode: "unified", formatPenalty: -1, unfinished: "penalise" } as const;

test("unified: evaluations are compared under the same criteria only", () => {
  const trajectories = [
    criteria(0),
    ...evaluations("chosen", 0, [8, 6]),
    ...evaluations("rejected", 0, [7, 5]),
    criteria(1),
    ...evaluations("chosen", 1, [2, 2]),
    ...evaluations("rejected", 1, [9, 2]),
  ];
  expect(instanceRewards(trajectories, unified)).toEqual([0.75, 1, 0.5, 0.5, 1, 0, 0, 0, 0, 0]);
});

test("unified: criteria that cannot be read get the penalty, and have no evaluations", () => {
  const trajectories = [criteria(0, "unparsable"), criteria(1), ...evaluations("chosen", 1, [8])];
  expect(instanceRewards([...trajectories, ...evaluations("rejected", 1, [3])], unified)).toEqual([-1, 1, 1, 1]);
});

test("unified: a list of the method's own size, worked by hand", () => {
  const trajectories = [
    // 8 > 6, 8 > 8 is a tie, "unparsable" is wrong twice: 1 of 4.
    criteria(0),
    ...evaluations("chosen", 0, [8, "unparsable"]),
    ...evaluations("rejected", 0, [6, 8]),
    criteria(1, "unparsable"),
    // The rejected side gives no score: the chosen one has nothing to be compared with.
    criteria(2),
    ...evaluations("chosen", 2, [9, 9]),
    ...evaluations("rejected", 2, ["unparsable", "unparsable"]),
    criteria(3),
    ...evaluations("chosen", 3, [9, 9]),
    ...evaluations("rejected", 3, [1, 1]),
  ];
  expect(instanceRewards(trajectories, unified)).toEqual([
    ...[0.25, 0.5, -1, 1, 0],
    -1,
    ...[0, null, null, -1, -1],
    ...[1, 1, 1, 1, 1],
  ]);
});

test("per-response: no criteria are shared, so all of one side are compared with all of the other", () => {
  const trajectories = [
    criteria(0, 3, "chosen"),
    ...evaluations("chosen", 0, [8]),
    criteria(1, 3, "chosen"),
    ...evaluations("chosen", 1, [4]),
    criteria(0, 3, "rejected"),
    ...evaluations("rejected", 0, [6]),
    criteria(1, "unparsable", "rejected"),
  ];
  const rewards = instanceRewards(trajectories, { ...unified, mode: "per-response" });
  //                        c+0 e+0 c+1 e+1 c-0  e-0  c-1
  expect(rewards).toEqual([1, 1, 0, 0, 0.5, 0.5, -1]);
});

test("implicit: one stage, all evaluations are compared", () => {
  const trajectories = [...evaluations("chosen", undefined, [8, 4]), ...evaluations("rejected", undefined, [6, 3])];
  expect(instanceRewards(trajectories, { ...unified, mode: "implicit" })).toEqual([1, 0.5, 0.5, 1]);
});

test("unfinished answers are punished or left out of everything, as asked", () => {
  const trajectories = [
    criteria(0),
    ...evaluations("chosen", 0, [8, "unfinished"]),
    ...evaluations("rejected", 0, [6]),
    criteria(1, "unfinished"),
  ];
  expect(instanceRewards(trajectories, unified)).toEqual([0.5, 1, -1, 1, -1]);
  expect(instanceRewards(trajectories, { ...unified, unfinished: "mask" })).toEqual([1, 1, null, 1, null]);
});
