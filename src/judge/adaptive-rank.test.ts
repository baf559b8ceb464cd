import { expect, test } from "vitest";
import { engineFailure, FakeEngine, responseOf, scoring, turnOf } from "../../test/fake-engine.ts";
import { queryFromText } from "../core/query.ts";
import { seededRandom } from "../core/random.ts";
import { loadPack } from "../prompts/load-pack.ts";
import { checkAdaptiveOptions, openResponses, rankAdaptively } from "./adaptive-rank.ts";
import { noCost } from "./cost.ts";
import { Judge } from "./judge.ts";
import type { JudgeOptions } from "./judge-options.ts";
import type { JudgeInput, Vote } from "./judgment.ts";
import { judgmentRecord } from "./judgment-record.ts";

const pack = await loadPack("default");
const input = (...texts: string[]): JudgeInput => ({
  id: "q",
  query: queryFromText("Which?"),
  responses: texts.map((text) => ({ id: text, text })),
});

/** A judge whose votes scatter evenly by a point around each response's score. */
function scattering(centres: Record<string, number>, options: Partial<JudgeOptions> = {}) {
  const random = seededRandom(7);
  const engine = new FakeEngine({
    answer: scoring((response) => Math.round(2 * (centres[response]! + 2 * random() - 1)) / 2),
  });
  return { engine, judge: new Judge({ engine, pack, temperature: 0.7, ...options }) };
}
const evaluationsOf = (engine: FakeEngine, text: string) =>
  engine.requests.filter((request) => turnOf(request) !== "criteria" && responseOf(request) === text).length;

test("a clear leader ends the votes early", async () => {
  const { engine, judge } = scattering({ best: 8.5, poor: 2, worse: 1.5 });
  const judgment = await rankAdaptively(judge, input("poor", "best", "worse"), { budget: 60 });
  expect(judgment.adaptive).toMatchObject({ decided: true, budget: 60, confidence: 0.95 });
  expect(judgment.adaptive.spent).toBeLessThanOrEqual(12);
  expect(engine.requests.filter((request) => turnOf(request) === "criteria")).toHaveLength(1);
  expect(judgmentRecord(judgment)).toMatchObject({ ranking: ["best", expect.any(String), expect.any(String)] });
  expect(judgmentRecord(judgment)).toHaveProperty("adaptive.spent", judgment.adaptive.spent);
});

test("a close race spends the whole budget, and on the contenders", async () => {
  const { engine, judge } = scattering({ left: 7, right: 7, far: 1 });
  const judgment = await rankAdaptively(judge, input("left", "far", "right"), { budget: 41 });
  expect(judgment.adaptive).toMatchObject({ spent: 41, decided: false });
  expect(engine.requests).toHaveLength(1 + 41);
  expect(evaluationsOf(engine, "far")).toBeLessThanOrEqual(4);
  expect(Math.abs(evaluationsOf(engine, "left") - evaluationsOf(engine, "right"))).toBeLessThanOrEqual(1);
  expect(judgment.responses[1]!.rank).toBe(3);
});

test("a higher confidence asks for more votes", async () => {
  const spent = async (confidence: number) => {
    const { judge } = scattering({ a: 7, b: 6, c: 4 });
    return (await rankAdaptively(judge, input("a", "b", "c"), { budget: 400, confidence })).adaptive;
  };
  const [low, high] = [await spent(0.7), await spent(0.999)];
  expect(low.spent).toBeLessThan(high.spent);
  expect(high.decided).toBe(true);
});

test("a response that gets no score does not keep the others open, and comes last", async () => {
  const random = seededRandom(3);
  const engine = new FakeEngine({
    answer: scoring((response) =>
      response === "broken" ? engineFailure("too long") : (response === "good" ? 9 : 2) + Math.round(random()),
    ),
  });
  const judge = new Judge({ engine, pack, temperature: 1 });
  const judgment = await rankAdaptively(judge, input("broken", "good", "bad"), { budget: 50 });
  expect(judgment.adaptive).toMatchObject({ decided: true });
  expect(judgment.adaptive.spent).toBeLessThan(20);
  expect(judgment.responses[0]).toMatchObject({ reward: { kind: "unscored", detail: "too long" }, rank: 3 });
});

test("without any score nothing is decided, and the budget is not burnt", async () => {
  const engine = new FakeEngine({ answer: () => engineFailure("down") });
  const judge = new Judge({ engine, pack, temperature: 1 });
  const { adaptive } = await rankAdaptively(judge, input("a", "b"), { budget: 50 });
  expect(adaptive).toMatchObject({ decided: false, spent: 4 });
});

test("votes go round the lists of criteria and differ in their seeds", async () => {
  const { engine, judge } = scattering({ a: 5, b: 5 }, { criteriaSamples: 2 });
  const judgment = await rankAdaptively(judge, input("a", "b"), { budget: 12 });
  expect(judgment.criteria).toHaveLength(2);
  expect(judgment.responses[0]!.votes.map((vote) => [vote.criteriaSample, vote.evaluationSample])).toEqual(
    Array.from({ length: judgment.responses[0]!.votes.length }, (_, at) => [at % 2, Math.floor(at / 2)]),
  );
  const seeds = engine.requests.filter((each) => responseOf(each) === "a").map(({ seed }) => seed);
  expect(new Set(seeds).size).toBe(seeds.length);
});

test("works in mode per-response, with criteria of each response's own", async () => {
  const { engine, judge } = scattering({ a: 8, b: 3 }, { mode: "per-response", criteriaSamples: 2 });
  const judgment = await rankAdaptively(judge, input("a", "b"), { budget: 20 });
  expect(judgment.adaptive.decided).toBe(true);
  expect(engine.requests.filter((request) => turnOf(request) === "criteria")).toHaveLength(4);
  expect(judgment.criteria.map(({ sample, responseId }) => [responseId, sample]).sort()).toEqual([
    ["a", 0],
    ["a", 1],
    ["b", 0],
    ["b", 1],
  ]);
});

test("refuses what cannot work before anything is asked", async () => {
  const { engine, judge } = scattering({ a: 1, b: 2, c: 3 });
  const refused = (options: Parameters<typeof rankAdaptively>[2]) =>
    rankAdaptively(judge, input("a", "b", "c"), options);
  await expect(refused({ budget: 5 })).rejects.toThrow(
    'budget: got 5, expected at least two evaluations for each of the 3 responses of "q"',
  );
  await expect(refused({ budget: 9.5 })).rejects.toThrow("budget: got 9.5");
  await expect(refused({ budget: 9, confidence: 1 })).rejects.toThrow("confidence: got 1, expected a number between");
  expect(() => checkAdaptiveOptions({ temperature: 0 }, { budget: 9 })).toThrow("votes at temperature 0");
  const greedy = new Judge({ engine, pack });
  await expect(rankAdaptively(greedy, input("a"), { budget: 9 })).rejects.toThrow("budget: votes at temperature 0");
  expect(engine.requests).toEqual([]);
});

test("an abort ends the votes", async () => {
  const controller = new AbortController();
  const engine = new FakeEngine({
    answer: scoring((_, request) => {
      if (engine.requests.indexOf(request) === 6) controller.abort(new Error("enough"));
      return 5;
    }),
  });
  const judge = new Judge({ engine, pack, temperature: 1 });
  const options = { budget: 100, signal: controller.signal };
  await expect(rankAdaptively(judge, input("a", "b"), options)).rejects.toThrow("enough");
  expect(engine.requests.length).toBeLessThan(10);
});

test("who is still open: the leader and whoever is near it, the nearest first", () => {
  const votes = (...values: number[]): Vote[] =>
    values.map((value) => ({
      ...{ kind: "scored", value, hard: value, criteriaSample: 0, evaluationSample: 0, cost: noCost },
      evaluation: { criterionScores: [], overall: value, rationale: "", text: "" },
    }));
  expect(openResponses([votes(2, 2), votes(7, 8), votes(6, 9), votes(6, 7)], 0.95)).toEqual([1, 2, 3]);
  expect(openResponses([votes(2, 3), votes(8, 9)], 0.95)).toEqual([]);
  // Two equal votes prove little: half a point apart is not yet clear.
  expect(openResponses([votes(7, 7), votes(7.5, 7.5)], 0.95)).toEqual([1, 0]);
  expect(openResponses([votes(7, 7), []], 0.95)).toEqual([]);
  expect(openResponses([[], []], 0.95)).toEqual([]);
});
