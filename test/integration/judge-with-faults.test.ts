import { afterAll, beforeAll, expect, test } from "vitest";
import { queryFromText } from "../../src/core/query.ts";
import { type JudgeInput, type Judgment, openJudge } from "../../src/judge/index.ts";
import { criteriaText, evaluationText, responseOf, turnOf } from "../fake-engine.ts";
import { type StubFaults, type StubServer, startStubServer } from "../stub-server/index.ts";
import { hashText } from "../stub-server/judge-reply.mjs";

const terms = ["Accuracy", "Clarity"];
const scoreOf = (response: string) => (hashText(response) % 21) / 2;
const questionOf = (item: number) => `Question ${item}?`;
const attempts = 4;
const items = Array.from(
  { length: 125 },
  (_, item): JudgeInput => ({
    id: `item-${item}`,
    query: queryFromText(questionOf(item)),
    responses: ["a", "b", "c", "d"].map((id) => ({ id, text: `Answer ${id} to question ${item}.` })),
  }),
);

/** What the server did with every request for a text, in order: the fault, or `"answered"`. */
type Fate = keyof StubFaults | "answered";
const fates = new Map<string, Fate[]>();
let stub: StubServer;
const judgments: Judgment[] = [];

beforeAll(async () => {
  stub = await startStubServer({
    faults: { status429: 0.1, status500: 0.1, hang: 0.1, cutBody: 0.1, malformedText: 0.1 },
    onCompletion: ({ body }, fault) => {
      const request = body as Parameters<typeof turnOf>[0];
      const asked =
        turnOf(request) === "criteria" ? /Question \d+\?/.exec(request.messages[0]!.content)![0] : responseOf(request)!;
      fates.set(asked, [...(fates.get(asked) ?? []), fault ?? "answered"]);
    },
    reply: (body) => {
      const request = body as Parameters<typeof turnOf>[0];
      if (turnOf(request) === "criteria") return criteriaText(...terms);
      return evaluationText(terms, scoreOf(responseOf(request)!));
    },
  });
  const options = {
    baseUrl: stub.url,
    timeouts: { totalMs: 400 },
    maxAttempts: attempts,
    store: "none",
    pack: "default",
  };
  await using judge = await openJudge(options);
  for await (const judgment of judge.judgeAll(items)) judgments.push(judgment);
}, 300_000);
afterAll(() => stub.close());

const all = () =>
  judgments.flatMap(({ id, responses, criteria }, item) =>
    responses.map((response) => {
      const { text } = items[item]!.responses.find((each) => each.id === response.id)!;
      return { item: id, question: questionOf(item), text, criteria: criteria[0]!, ...response };
    }),
  );

test("each fault was met often", () => {
  for (const fault of ["status429", "status500", "hang", "cutBody", "malformedText"] as const)
    expect(stub.counts[fault]).toBeGreaterThan(50);
});

test("none of the 500 judgments is lost and none is there twice: every response of every item, in order", () => {
  expect(all()).toHaveLength(500);
  expect(judgments.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
  expect(judgments.map(({ responses }) => responses.map(({ id }) => id).join(""))).toEqual(Array(125).fill("abcd"));
});

test("none is invented: every score is what the server said of that response when it did answer, and most have one", () => {
  const scored = all().filter(({ reward }) => reward.kind === "scored");
  for (const { reward, text, question } of scored) {
    expect(reward).toMatchObject({ value: scoreOf(text), votes: 1, unscoredVotes: 0 });
    expect(fates.get(text)!.at(-1)).toBe("answered");
    expect(fates.get(question)!.at(-1)).toBe("answered");
  }
  expect(scored.length).toBeGreaterThan(300);
});

// A server that is slow for the moment may answer what nobody waits for any more: a timeout is true of any last fate.
const reasonOf: Record<Fate, RegExp> = {
  status429: /HTTP 429/,
  status500: /HTTP 500/,
  hang: /no complete answer within 400 ms/,
  cutBody: /the connection ended before the answer did/,
  malformedJson: /never/,
  malformedText: /never/,
  answered: /never/,
};

/** Expects the reason of something unscored to be what the server did with its last request. */
function expectTrue({ reason, detail }: { reason: string; detail: string }, asked: string): void {
  const met = fates.get(asked)!;
  if (reason === "engine-error") {
    expect(met).toHaveLength(attempts);
    expect(detail).toMatch(/\(attempt 4 of 4\)$/);
    if (!reasonOf.hang.test(detail)) expect(detail).toMatch(reasonOf[met.at(-1)!]);
  } else {
    // A malformed text is an answer: it is read once and not asked for again.
    expect(met.at(-1)).toBe("malformedText");
    expect(met.slice(0, -1)).not.toContain("malformedText");
  }
}

test("every other response is unscored for the true reason", () => {
  const counts: Record<string, number> = {};
  for (const { reward, text, question, criteria, votes } of all()) {
    if (reward.kind === "scored") continue;
    counts[reward.reason] = (counts[reward.reason] ?? 0) + 1;
    if (criteria.kind === "unscored") {
      expect(reward).toMatchObject({ reason: criteria.reason, detail: `criteria: ${criteria.detail}` });
      expect(["criteria-unparsable", "engine-error"]).toContain(criteria.reason);
      expectTrue(criteria, question);
      expect(fates.has(text)).toBe(false);
    } else {
      expect(["no-score", "engine-error"]).toContain(reward.reason);
      expectTrue(reward, text);
      if (reward.reason === "no-score") {
        expect(reward.detail).toBe("The answer has no box.");
        expect(votes[0]).toMatchObject({ text: "I would rather talk about the weather." });
      }
    }
  }
  for (const reason of ["no-score", "criteria-unparsable", "engine-error"]) expect(counts[reason]).toBeGreaterThan(0);
});
