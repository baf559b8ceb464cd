import { expect, test } from "vitest";
import { criteriaTrajectory as criteria, evaluationTrajectories as evaluations } from "../testing/trajectories.ts";
import { shuffledAdvantages, withSwappedSides } from "./control.ts";
import { instanceRewards } from "./instance-rewards.ts";

test("with the sides swapped, the right order earns what the wrong one did", () => {
  const trajectories = [criteria(0), ...evaluations("chosen", 0, [8, 8]), ...evaluations("rejected", 0, [3, 9])];
  const options = { mode: "unified", formatPenalty: -1, unfinished: "penalise" } as const;
  expect(instanceRewards(trajectories, options)).toEqual([0.5, 0.5, 0.5, 1, 0]);
  expect(instanceRewards(withSwappedSides(trajectories), options)).toEqual([0.5, 0.5, 0.5, 0, 1]);
});

test("shuffled advantages are the same ones, elsewhere, and the same for a seed", () => {
  const advantages = [1, -1, 0.5, -0.5, null, 2, -2, 0];
  const shuffled = shuffledAdvantages(advantages, 3);
  expect(shuffled).not.toEqual(advantages);
  expect(shuffled).toEqual(shuffledAdvantages(advantages, 3));
  expect(new Set(shuffled)).toEqual(new Set(advantages));
});
