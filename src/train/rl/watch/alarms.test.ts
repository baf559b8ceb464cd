import { expect, test } from "vitest";
import { Alarms } from "./alarms.ts";

const line = (step: number, metrics: Record<string, number>) => ({ step, time: "then", ...metrics });
const heldOut = (accuracy: number, high: number) => ({ "heldOut/accuracy": accuracy, "heldOut/high": high });

test("the reward rises while held-out accuracy falls", () => {
  const alarms = new Alarms();
  expect(alarms.check(line(1, { "reward/chosen": 0.5, ...heldOut(0.7, 0.8) }))).toEqual([]);
  expect(alarms.check(line(2, { "reward/chosen": 0.8 }))).toEqual([]);
  expect(alarms.check(line(3, { "reward/chosen": 0.9, ...heldOut(0.5, 0.6) }))).toEqual([
    expect.stringMatching(/^the reward rose from 0\.500 to 0\.850 while held-out accuracy fell from 0\.700 to 0\.500/),
  ]);
  // Within the interval it may be chance, and with a lower reward it is no gaming.
  expect(alarms.check(line(4, { "reward/chosen": 0.9, ...heldOut(0.65, 0.75) }))).toEqual([]);
  const falling = new Alarms();
  falling.check(line(1, { "reward/chosen": 0.5, ...heldOut(0.7, 0.8) }));
  expect(falling.check(line(2, { "reward/chosen": 0.3, ...heldOut(0.5, 0.6) }))).toEqual([]);
});

test("answers become twice as long as in the beginning, or reach their limit", () => {
  const alarms = new Alarms();
  for (let step = 1; step <= 5; step++)
    expect(alarms.check(line(step, { "tokens/criteria": 100, "tokens/evaluation": 200 }))).toEqual([]);
  expect(alarms.check(line(6, { "tokens/criteria": 199, "tokens/evaluation": 200 }))).toEqual([]);
  expect(alarms.check(line(7, { "tokens/criteria": 120, "tokens/evaluation": 450 }))).toEqual([
    "evaluation answers have 450 tokens, and had 200 in the first 5 steps",
  ]);
  expect(alarms.check(line(8, { "unfinished/criteria": 0.6 }))).toEqual([
    "60 % of criteria answers reach their token limit",
  ]);
});

test("all scores are the same, all comparisons are ties, nothing is taught", () => {
  const alarms = new Alarms();
  expect(alarms.check(line(1, { "score/commonest": 0.97, tieRate: 0.94 }))).toEqual([
    "97 % of all scores are the same",
  ]);
  expect(alarms.check(line(2, { "score/commonest": 0.6, tieRate: 0.96 }))).toEqual([
    "96 % of all comparisons are ties",
  ]);
  expect(alarms.check(line(3, { taught: 0.01 }))).toEqual([expect.stringContaining("only 1 % of the trajectories")]);
  expect(alarms.check(line(4, { taught: 0.3, tieRate: 0.4, "score/commonest": 0.5 }))).toEqual([]);
});
