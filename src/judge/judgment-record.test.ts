import fc from "fast-check";
import { expect, test } from "vitest";
import type { UnscoredReason } from "../core/reward.ts";
import { combineVotes } from "./combine-votes.ts";
import type { CriteriaSample, Judgment, Vote } from "./judgment.ts";
import { judgmentRecord } from "./judgment-record.ts";
import { rankRewards } from "./rank-responses.ts";

const scale = { min: 0, max: 10, step: 0.5 };
const tokens = fc.nat(100_000);
const usage = fc.record({ promptTokens: tokens, cachedPromptTokens: tokens, outputTokens: tokens });
const cost = fc.record({ usage, milliseconds: fc.nat(1e6), fromStore: fc.boolean() });
const reason = fc.constantFrom<UnscoredReason>("truncated", "no-score", "context-overflow", "engine-error");
const unscored = fc.record({ kind: fc.constant("unscored" as const), reason, detail: fc.string() });
const score = fc.double({ min: 0, max: 10, noNaN: true });
const evaluation = fc.record({
  criterionScores: fc.array(fc.record({ term: fc.string(), rationale: fc.string() }), { maxLength: 3 }),
  overall: score,
  rationale: fc.string(),
  text: fc.string({ unit: "binary" }),
});
const vote: fc.Arbitrary<Vote> = fc
  .record({ criteriaSample: fc.nat(3), evaluationSample: fc.nat(3), cost })
  .chain((about) =>
    fc.oneof(
      unscored.map((why) => ({ ...about, ...why })),
      fc
        .record({ kind: fc.constant("scored" as const), value: score, hard: score, evaluation })
        .map((scored) => ({ ...about, ...scored })),
    ),
  );
const sample: fc.Arbitrary<CriteriaSample> = fc.record({ sample: fc.nat(3), cost }).chain((about) =>
  fc.oneof(
    unscored.map((why) => ({ ...about, ...why })),
    fc.string().map((text) => ({ ...about, kind: "criteria" as const, criteria: { items: [], text } })),
  ),
);
const judgment: fc.Arbitrary<Judgment> = fc
  .record({
    id: fc.string(),
    votes: fc.array(fc.array(vote, { minLength: 1, maxLength: 4 }), { maxLength: 5 }),
    criteria: fc.array(sample, { maxLength: 3 }),
    usage,
    milliseconds: fc.double({ min: 0, max: 1e9, noNaN: true }),
  })
  .map(({ votes, ...rest }) => {
    const rewards = votes.map((each) => combineVotes(each, scale));
    const ranks = rankRewards(rewards);
    const responses = votes.map((each, at) => ({ id: `${at}`, reward: rewards[at]!, rank: ranks[at]!, votes: each }));
    return { ...rest, mode: "unified", responses, model: { engine: "fake", model: "m" }, pack: "p@1#0" };
  });

test("property: the record of any judgment survives JSON, and a reward is null exactly where it is unscored", () => {
  fc.assert(
    fc.property(judgment, (each) => {
      const record = judgmentRecord(each);
      const read = JSON.parse(JSON.stringify(record));
      expect(read).toEqual(JSON.parse(JSON.stringify(read)));
      expect(Object.keys(read)).toEqual(Object.keys(record));
      for (const [index, response] of read.responses.entries()) {
        const { reward, votes } = each.responses[index]!;
        expect(response.reward === null).toBe(reward.kind === "unscored");
        expect("unscored" in response).toBe(reward.kind === "unscored");
        if (response.reward !== null) expect(response.reward).toBeTypeOf("number");
        for (const [at, evaluation] of response.evaluations.entries())
          expect(evaluation.score === null).toBe(votes[at]!.kind === "unscored");
      }
      expect([...read.ranking].sort()).toEqual(each.responses.map(({ id }) => id).sort());
    }),
  );
});

test("property: a reward lies between its votes, counts them all, and ranks sort by reward with unscored last", () => {
  fc.assert(
    fc.property(judgment, ({ responses }) => {
      for (const { reward, votes } of responses) {
        const values = votes.flatMap((each) => (each.kind === "scored" ? [each.value] : []));
        expect(reward.kind).toBe(values.length === 0 ? "unscored" : "scored");
        if (reward.kind === "unscored") continue;
        expect(reward.value).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9);
        expect(reward.value).toBeLessThanOrEqual(Math.max(...values) + 1e-9);
        expect([reward.votes, reward.votes + reward.unscoredVotes]).toEqual([values.length, votes.length]);
        expect(reward.spread === undefined).toBe(values.length < 2);
      }
      for (const a of responses)
        for (const b of responses) {
          const [x, y] = [a, b].map(({ reward }) => (reward.kind === "scored" ? reward.value : -1)) as [number, number];
          expect(Math.sign(a.rank - b.rank) + 0).toBe(Math.sign(y - x) + 0);
        }
    }),
  );
});

test("without a scored vote the commonest reason is given, of equals the first", () => {
  const votes = (...reasons: UnscoredReason[]): Vote[] =>
    reasons.map((each, index) => ({
      ...{ kind: "unscored", reason: each, detail: `${each} ${index}`, criteriaSample: 0, evaluationSample: index },
      cost: { usage: { promptTokens: 0, cachedPromptTokens: 0, outputTokens: 0 }, milliseconds: 0, fromStore: false },
    }));
  const reasonOf = (...reasons: UnscoredReason[]) => combineVotes(votes(...reasons), scale);
  expect(reasonOf("truncated", "no-score", "no-score")).toMatchObject({ reason: "no-score", detail: "no-score 1" });
  expect(reasonOf("truncated", "no-score")).toMatchObject({ reason: "truncated", detail: "truncated 0" });
});
