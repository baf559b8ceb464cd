import { expect, test } from "vitest";
import {
  criteriaText,
  engineFailure,
  evaluationText,
  FakeEngine,
  responseOf,
  scoring,
  terms,
  turnOf,
} from "../../test/fake-engine.ts";
import { ContextOverflowError } from "../core/errors.ts";
import { queryFromText } from "../core/query.ts";
import { loadPack } from "../prompts/load-pack.ts";
import { Judge } from "./judge.ts";
import type { JudgeInput, JudgeMode } from "./judgment.ts";
import { judgmentRecord } from "./judgment-record.ts";
import { userCriteria } from "./user-input.ts";

const pack = await loadPack("default");
const input: JudgeInput = {
  id: "sky",
  query: queryFromText("Why is the sky blue?"),
  responses: ["good", "bad", "middling"].map((text) => ({ id: text, text })),
};
const scores: Record<string, number> = { good: 9, bad: 2, middling: 5.5 };
const scored = scoring((response) => scores[response]!);

test("mode unified asks for criteria once and evaluates every response in the same conversation", async () => {
  const engine = new FakeEngine({ answer: scored });
  const judgment = await new Judge({ engine, pack }).judge(input);
  expect(engine.requests.map(turnOf)).toEqual(["criteria", "evaluation", "evaluation", "evaluation"]);
  const [turn1, ...turn2] = engine.requests;
  expect(turn1!.messages[0]!.content).not.toContain("[Start of Response]");
  for (const request of turn2) {
    expect(request.messages.slice(0, 2)).toEqual([
      turn1!.messages[0],
      { role: "assistant", content: criteriaText(...terms) },
    ]);
    expect(request).toMatchObject({ n: 1, temperature: 0, maxTokens: pack.limits.evaluation });
  }
  expect(turn1!.maxTokens).toBe(pack.limits.criteria);
  expect(new Set(engine.requests.map(({ affinity }) => affinity)).size).toBe(1);
  expect(turn2.map(responseOf)).toEqual(["good", "bad", "middling"]);
  expect(judgment.responses.map(({ reward, rank }) => [reward, rank])).toMatchObject([
    [{ kind: "scored", value: 9, scale: [0, 10], votes: 1, unscoredVotes: 0 }, 1],
    [{ value: 2 }, 3],
    [{ value: 5.5 }, 2],
  ]);
  expect(judgment).toMatchObject({ mode: "unified", usage: { promptTokens: 400, outputTokens: 40 } });
  expect(judgmentRecord(judgment).ranking).toEqual(["good", "middling", "bad"]);
});

test("mode per-response asks for criteria anew for every response, and shows it", async () => {
  const engine = new FakeEngine({
    answer: (request) =>
      turnOf(request) === "criteria" ? criteriaText(`Being ${responseOf(request)}`, "Clarity") : evaluationText([], 4),
  });
  const judgment = await new Judge({ engine, pack, mode: "per-response" }).judge(input);
  expect(engine.requests.map(turnOf).sort()).toEqual([...Array(3).fill("criteria"), ...Array(3).fill("evaluation")]);
  for (const request of engine.requests.filter((each) => turnOf(each) === "evaluation")) {
    expect(request.messages[0]!.content).toContain(responseOf(request));
    expect(request.messages[1]!.content).toContain(`Being ${responseOf(request)}`);
  }
  expect(judgment.criteria.map(({ responseId }) => responseId)).toEqual(["good", "bad", "middling"]);
});

test("mode implicit has no criteria and one turn", async () => {
  const engine = new FakeEngine({ answer: scored });
  const judge = new Judge({ engine, pack, mode: "implicit" });
  const judgment = await judge.judge(input);
  expect(engine.requests.map(turnOf)).toEqual(["implicit", "implicit", "implicit"]);
  expect(judgment.criteria).toEqual([]);
  expect(judgment.responses.map(({ reward }) => reward)).toMatchObject([{ value: 9 }, { value: 2 }, { value: 5.5 }]);
  await expect(judge.criteria(input.query)).rejects.toThrow("mode: mode implicit writes no criteria");
});

test.each<JudgeMode>(["unified", "per-response"])("given criteria are used as they are in mode %s", async (mode) => {
  const engine = new FakeEngine({ answer: scored });
  const criteria = userCriteria(pack, ["Accuracy: is it right", "Clarity: is it clear"]);
  const judge = new Judge({ engine, pack, mode, temperature: 1, criteriaSamples: 2 });
  const judgment = await judge.judge({ ...input, criteria });
  expect(engine.requests.map(turnOf)).toEqual(Array(6).fill("evaluation"));
  expect(engine.requests[0]!.messages[1]!.content).toContain("1. **Accuracy**: is it right");
  expect(engine.requests[0]!.messages[0]!.content).not.toContain("[Start of Response]");
  expect(judgment.criteria).toHaveLength(1);
  expect(judgment.criteria[0]).toMatchObject({ kind: "criteria", criteria });
});

test("criteria in mode per-response need the response, and only there", async () => {
  const [response] = input.responses;
  const engine = new FakeEngine({ answer: scored });
  await expect(new Judge({ engine, pack }).criteria(input.query, { response })).rejects.toThrow("takes no response");
  const perResponse = new Judge({ engine, pack, mode: "per-response" });
  await expect(perResponse.criteria(input.query)).rejects.toThrow("needs a response");
  expect(engine.requests).toEqual([]);
  expect(await perResponse.criteria(input.query, { response })).toMatchObject([{ kind: "criteria" }]);
});

test("votes: mean, spread and count, each with a seed of its own; votes without a score are counted", async () => {
  const votes = [6, 8, "no number", 7];
  let at = 0;
  const engine = new FakeEngine({ answer: scoring(() => votes[at++]!) });
  const judge = new Judge({ engine, pack, temperature: 0.7, topP: 0.9, criteriaSamples: 2, evaluations: 2, seed: 3 });
  const judgment = await judge.judge({ ...input, responses: [input.responses[0]!] });
  expect(judgment.responses[0]!.reward).toEqual({
    ...{ kind: "scored", value: 7, scale: [0, 10], votes: 3, unscoredVotes: 1, spread: 1 },
  });
  expect(judgment.criteria).toHaveLength(2);
  expect(judgment.responses[0]!.votes.map((vote) => [vote.criteriaSample, vote.evaluationSample])).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
  expect(new Set(engine.requests.map(({ seed }) => seed)).size).toBe(6);
  expect(engine.requests[0]).toMatchObject({ temperature: 0.7, topP: 0.9 });
  const [record] = judgmentRecord(judgment).responses;
  expect(record).toMatchObject({ reward: 7, votes: 3, unscoredVotes: 1, spread: 1 });
  expect(record!.evaluations[2]).toMatchObject({ score: null, unscored: { reason: "not-a-number" } });
});

test("the same seed draws the same votes, another draws others", async () => {
  const seeds = async (seed: number) => {
    const engine = new FakeEngine({ answer: scored });
    await new Judge({ engine, pack, temperature: 1, evaluations: 3, seed }).judge(input);
    return engine.requests.map((request) => request.seed);
  };
  expect(await seeds(1)).toEqual(await seeds(1));
  expect(await seeds(2)).not.toEqual(await seeds(1));
});

test("what an engine could not do is the reason of each response it was for", async () => {
  const failures: Record<string, Error | string> = {
    good: engineFailure("the server said no"),
    bad: new ContextOverflowError("needs 9000 tokens, the model takes 4096", {
      promptTokens: 9000,
      contextTokens: 4096,
    }),
  };
  const engine = new FakeEngine({ answer: scoring((response) => failures[response] ?? 6) });
  const judgment = await new Judge({ engine, pack }).judge(input);
  expect(judgment.responses.map(({ reward, rank }) => [reward, rank])).toMatchObject([
    [{ kind: "unscored", reason: "engine-error", detail: "the server said no" }, 2],
    [{ kind: "unscored", reason: "context-overflow", detail: "needs 9000 tokens, the model takes 4096" }, 2],
    [{ kind: "scored", value: 6 }, 1],
  ]);
  const record = judgmentRecord(judgment);
  expect(record.responses[0]).toMatchObject({ reward: null, unscored: { reason: "engine-error" } });
  expect(record.ranking).toEqual(["middling", "good", "bad"]);
});

test.each([
  ["an engine error", () => engineFailure("gone for good"), "engine-error", "criteria: gone for good"],
  ["an overflow", () => new ContextOverflowError("too long"), "context-overflow", "criteria: too long"],
  ["text without a list", () => "I cannot do that.", "criteria-unparsable", "criteria: The criteria answer holds no"],
  ["an empty answer", () => "", "criteria-unparsable", "criteria: The criteria answer is empty."],
  [
    "an answer that was cut off",
    () => ({ text: "[Start of Criteria]\n1. **A**: b", finishReason: "length" as const }),
    "truncated",
    "criteria: The criteria answer was cut off",
  ],
])(
  "criteria that fail with %s give every response that reason and no evaluation is asked for",
  async (_, answer, reason, detail) => {
    const engine = new FakeEngine({ answer });
    const judgment = await new Judge({ engine, pack }).judge(input);
    expect(engine.requests).toHaveLength(1);
    expect(judgment.criteria[0]).toMatchObject({ kind: "unscored", reason });
    for (const response of judgment.responses) {
      expect(response).toMatchObject({ reward: { kind: "unscored", reason }, rank: 1 });
      expect(response.reward).toHaveProperty("detail", expect.stringContaining(detail));
    }
  },
);

test("the reason of an answer without a readable score is the parser's", async () => {
  const answers: Record<string, string> = {
    good: "No score from me.",
    bad: evaluationText(terms, 70),
    middling: evaluationText(terms, "seven or eight"),
  };
  const engine = new FakeEngine({
    answer: (request) => (turnOf(request) === "criteria" ? criteriaText(...terms) : answers[responseOf(request)!]),
  });
  const judgment = await new Judge({ engine, pack }).judge(input);
  const reasons = judgment.responses.map(({ reward }) => (reward.kind === "unscored" ? reward.reason : reward.value));
  expect(reasons).toEqual(["no-score", "out-of-scale", "not-a-number"]);
  expect(judgment.responses[0]!.votes[0]).toMatchObject({ text: "No score from me." });
});

test("an error that is no engine's is a bug and rejects", async () => {
  const engine = new FakeEngine({ answer: () => new TypeError("undefined is not a function") });
  await expect(new Judge({ engine, pack }).judge(input)).rejects.toThrow(TypeError);
});

test("an abort rejects with the signal's reason, even where the engine then fails otherwise", async () => {
  const controller = new AbortController();
  const engine = new FakeEngine({
    answer: () => {
      controller.abort(new Error("enough"));
      return engineFailure("connection closed");
    },
  });
  await expect(new Judge({ engine, pack }).judge(input, { signal: controller.signal })).rejects.toThrow("enough");
});

test("ties share a rank, and unscored responses share the last", async () => {
  const engine = new FakeEngine({
    answer: scoring((response) => ({ a: 7, b: "?", c: 9, d: 7, e: "?" })[response]!),
  });
  const responses = ["a", "b", "c", "d", "e"].map((id) => ({ id, text: id }));
  const judgment = await new Judge({ engine, pack }).judge({ ...input, responses });
  expect(judgment.responses.map(({ rank }) => rank)).toEqual([2, 4, 1, 2, 4]);
  expect(judgmentRecord(judgment).ranking).toEqual(["c", "a", "d", "b", "e"]);
});
