import { expect, test } from "vitest";
import { rlPlots, stepLine } from "./rl-plots.ts";

const line = {
  ...{ step: 3, time: "then", "reward/chosen": 0.625, pairAccuracy: 0.7, "offPolicy/kl": 0.00123 },
  ...{
    "heldOut/accuracy": 0.68,
    "heldOut/low": 0.631,
    "heldOut/high": 0.724,
    "heldOut/lengthBalanced": 0.6104,
    "seconds/rollout": 2,
    "seconds/update": 1.5,
  },
};

test("a step is told in one line", () => {
  expect(stepLine(line, 50)).toBe(
    "step 3/50 · reward 0.63 · pairs 0.70 · held out 0.680 (0.63 to 0.72) · length-balanced 0.610 · KL 0.0012 · 3.5 s",
  );
  expect(stepLine({ step: 0, time: "then" }, 50)).toBe("step 0/50");
});

test("plots have a gap where a step has no number", () => {
  const series = rlPlots([{ step: 0, time: "then" }, line]);
  expect(series.find(({ label }) => label === "held-out accuracy")!.values).toEqual([undefined, 0.68]);
});
