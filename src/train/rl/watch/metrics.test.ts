import { expect, test } from "vitest";
import { criteriaTrajectory as criteria, evaluationTrajectories as evaluations } from "../testing/trajectories.ts";
import type { JudgedTrajectory } from "../update/make-sequences.ts";
import { measureOffPolicyness, mergeOffPolicyness } from "../update/off-policyness.ts";
import { BusyMeter } from "./busy-meter.ts";
import { referenceKl, rolloutMetrics } from "./step-metrics.ts";

test("rollouts are summed up by stage and side", () => {
  const trajectories = [
    criteria(0, 3),
    ...evaluations("chosen", 0, [8, 6]),
    ...evaluations("rejected", 0, [6, "unparsable"]),
    criteria(1, "unparsable"),
    criteria(2, 5),
    ...evaluations("chosen", 2, [9, "unfinished"]),
    ...evaluations("rejected", 2, [9, 10]),
  ];
  const judged = trajectories.map(
    (trajectory, index): JudgedTrajectory => ({
      ...{ trajectory, instance: 0, reward: trajectory.side === "chosen" ? 1 : null },
      advantage: index % 2,
    }),
  );
  const metrics = rolloutMetrics([{ pair: {} as never, trajectories }], judged, "unified");
  // Of the 4 comparisons by the first list two have no score, of those by the last too; 8 > 6, 6 = 6, 9 = 9, 9 < 10.
  expect(metrics).toMatchObject({
    ...{ pairAccuracy: 1 / 8, tieRate: 2 / 8, "score/mean": 48 / 6, "score/commonest": 2 / 6 },
    ...{ "scores/6": 2, "scores/8": 1, "scores/9": 2, "scores/10": 1 },
    ...{ "faults/criteria": 1 / 3, "faults/evaluation": 2 / 8, "unfinished/evaluation": 1 / 8 },
    ...{ "criteria/count": 4, "noSignal/evaluation": 0.5, "reward/chosen": 1, "reward/rejected": undefined },
    ...{ trajectories: 11, taught: 5 / 11 },
  });
});

test("criteria of one response are compared with all of the other's", () => {
  const trajectories = [
    ...evaluations("chosen", 0, [8]),
    ...evaluations("chosen", 1, [3]),
    ...evaluations("rejected", 0, [9]),
    ...evaluations("rejected", 1, [4]),
  ];
  const pairAccuracyIn = (mode: "unified" | "per-response") =>
    rolloutMetrics([{ pair: {} as never, trajectories }], [], mode).pairAccuracy;
  expect(pairAccuracyIn("per-response")).toBe(1 / 4);
  expect(pairAccuracyIn("unified")).toBe(0);
});

/** A trajectory of two tokens after a prompt of one. */
const pairOfTokens = () => {
  const trajectory = { ...criteria(0), tokens: Int32Array.of(2, 3), logprobs: Float32Array.of(-1, -2) };
  return { trajectory, advantages: Float32Array.of(1, 1) };
};

test("ratios and KL compare the answer's own tokens", () => {
  const sequence = pairOfTokens();
  const prompt = { ...sequence.trajectory, prompt: Int32Array.of(7, 8) };
  const measured = measureOffPolicyness(
    [{ ...sequence, trajectory: prompt }],
    // The first target is the prompt's second token.
    [Float32Array.of(-99, -1, -2 + Math.log(2))],
    { low: 0.8, high: 1.2 },
  );
  expect(measured).toMatchObject({ tokens: 2, ratioMean: expect.closeTo(1.5, 5), clipped: 0.5 });
  expect(measured.kl).toBeCloseTo((2 - 1 - Math.log(2)) / 2, 5);
  const same = measureOffPolicyness([sequence], [sequence.trajectory.logprobs]);
  expect(same).toMatchObject({ ratioMean: 1, ratioMin: 1, ratioMax: 1, kl: 0, clipped: 0 });
  expect(mergeOffPolicyness([measured, same])).toMatchObject({
    tokens: 4,
    ratioMean: expect.closeTo(1.25, 5),
    ratioMin: 1,
  });
});

test("the KL to the reference is the mean difference of log-probabilities", () => {
  const { trajectory } = pairOfTokens();
  const judged = [{ trajectory, instance: 0, reward: 1, advantage: 1 }];
  expect(referenceKl(judged, [Float32Array.of(-1.5, -2.1)])).toBeCloseTo(0.3, 5);
});

test("the busy share is the time in which anything was under way", async () => {
  let now = 0;
  const meter = new BusyMeter(() => now);
  const ends: (() => void)[] = [];
  const call = () => meter.track(() => new Promise<void>((resolve) => ends.push(resolve)));
  now = 10;
  const calls = [call(), call()];
  now = 30;
  ends[0]!();
  await calls[0];
  now = 50;
  ends[1]!();
  await calls[1];
  now = 100;
  expect(meter.take()).toEqual({ busyShare: 0.4, meanCalls: 0.6 });
  expect(meter.take()).toEqual({ busyShare: 0, meanCalls: 0 });
});
