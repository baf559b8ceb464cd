import { afterAll, beforeAll, expect, test } from "vitest";
import { queryFromText } from "../../src/core/query.ts";
import { type JudgeInput, type Judgment, openJudge } from "../../src/judge/index.ts";
import { criteriaText, evaluationText, responseOf, turnOf } from "../fake-engine.ts";
import { type StubServer, startStubServer } from "../stub-server/index.ts";
import { hashText } from "../stub-server/judge-reply.mjs";

const terms = ["Accuracy", "Clarity"];
const scoreOf = (response: string) => (hashText(response) % 21) / 2;
const garbled = "I would rather talk about the weather.";
const items = Array.from(
  { length: 125 },
  (_, index): JudgeInput => ({
    id: `item-${index}`,
    query: queryFromText(`Question ${index}?`),
    responses: ["a", "b", "c", "d"].map((id) => ({ id, text: `Answer ${id} to question ${index}.` })),
  }),
);

let stub: StubServer;
const judgments: Judgment[] = [];
let seconds = 0;
beforeAll(async () => {
  stub = await startStubServer({
    faults: { status429: 0.1, status500: 0.1, hang: 0.1, cutBody: 0.1, malformedText: 0.1 },
    reply: (body) => {
      const request = body as Parameters<typeof turnOf>[0];
      const response = responseOf(request);
      if (turnOf(request) === "criteria" || response === undefined) return criteriaText(...terms);
      return evaluationText(terms, scoreOf(response));
    },
  });
  const options = { baseUrl: stub.url, timeouts: { totalMs: 400 }, maxAttempts: 4, store: "none", pack: "default" };
  await using judge = await openJudge(options);
  const startedAt = performance.now();
  for await (const judgment of judge.judgeAll(items)) judgments.push(judgment);
  seconds = (performance.now() - startedAt) / 1000;
}, 120_000);
afterAll(() => stub.close());

const all = () => judgments.flatMap(({ id, responses }) => responses.map((response) => ({ item: id, ...response })));

test("with a tenth each of 429, 500, hang, cut body and malformed text, 500 judgments end in under a minute", () => {
  for (const fault of ["status429", "status500", "hang", "cutBody", "malformedText"] as const)
    expect(stub.counts[fault]).toBeGreaterThan(50);
  expect(seconds).toBeLessThan(60);
});

test("none is lost and none is there twice: every response of every item, in order", () => {
  expect(judgments.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
  expect(judgments.map(({ responses }) => responses.map(({ id }) => id).join(""))).toEqual(Array(125).fill("abcd"));
});

test("none is invented: every score is what the server said of that response, and most have one", () => {
  const texts = new Map(items.flatMap(({ id, responses }) => responses.map((each) => [`${id}/${each.id}`, each.text])));
  const scored = all().filter(({ reward }) => reward.kind === "scored");
  for (const { item, id, reward } of scored)
    expect(reward).toMatchObject({ value: scoreOf(texts.get(`${item}/${id}`)!), votes: 1, unscoredVotes: 0 });
  expect(scored.length).toBeGreaterThan(300);
});

test("every other response is unscored for the true reason", () => {
  const unscored = all().flatMap(({ reward, votes }) =>
    reward.kind === "unscored" ? [{ reward, vote: votes[0]! }] : [],
  );
  const counts: Record<string, number> = {};
  for (const { reward, vote } of unscored) {
    counts[reward.reason] = (counts[reward.reason] ?? 0) + 1;
    if (reward.reason === "no-score") {
      expect(reward.detail).toBe("The answer has no box.");
      expect(vote).toMatchObject({ text: garbled });
    } else if (reward.reason === "criteria-unparsable") {
      expect(reward.detail).toBe("criteria: The criteria answer holds no list that can be read.");
    } else {
      // The last of four attempts says what it met.
      expect(reward.reason).toBe("engine-error");
      expect(reward.detail).toMatch(/(HTTP 429|HTTP 500|400 ms|0\.4 s|ended|closed|cut).*\(attempt 4 of 4\)$/s);
    }
  }
  expect(counts["no-score"]).toBeGreaterThan(0);
  expect(counts["criteria-unparsable"]).toBeGreaterThan(0);
  // A malformed text is an answer: it is read once and not asked for again.
  const lists = judgments.filter(({ criteria }) => criteria[0]!.kind === "unscored" && criteria[0]!.text === garbled);
  expect((counts["no-score"] ?? 0) + lists.length).toBeLessThanOrEqual(stub.counts.malformedText);
  expect(counts["criteria-unparsable"]).toBe(lists.length * 4);
});
