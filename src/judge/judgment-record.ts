import type { Criteria } from "../core/criteria.ts";
import type { Reward } from "../core/reward.ts";
import type { AdaptiveJudgment } from "./adaptive-rank.ts";
import type { CriteriaSample, Judgment, Vote } from "./judgment.ts";
import { byRank } from "./rank-responses.ts";

/**
 * A judgment as the JSON of results files (docs/results-format.md). An unscored reward is `null` with `unscored` beside
 * it, so that a program that takes it for a number fails instead of going wrong.
 */
export function judgmentRecord(judgment: Judgment | AdaptiveJudgment) {
  const { id, mode, usage, milliseconds, model, pack } = judgment;
  return {
    id,
    mode,
    criteria: judgment.criteria.map(criteriaRecord),
    responses: judgment.responses.map(({ id: responseId, reward, rank, votes }) => ({
      id: responseId,
      rank,
      ...rewardRecord(reward),
      evaluations: votes.map(voteRecord),
    })),
    ranking: byRank(judgment.responses).map((response) => response.id),
    ...("adaptive" in judgment ? { adaptive: judgment.adaptive } : {}),
    usage,
    milliseconds: Math.round(milliseconds),
    model,
    pack,
  };
}

/** One sample of criteria as JSON. */
export function criteriaRecord(sample: CriteriaSample) {
  const { responseId, cost } = sample;
  const about = { sample: sample.sample, responseId, fromStore: cost.fromStore || undefined };
  if (sample.kind === "unscored") return { ...about, unscored: unscored(sample), text: sample.text };
  const { items, text }: Criteria = sample.criteria;
  return { ...about, items, text };
}

function rewardRecord(reward: Reward) {
  if (reward.kind === "unscored") return { reward: null, unscored: unscored(reward) };
  const { value, scale, votes, unscoredVotes, spread } = reward;
  return { reward: value, scale, votes, unscoredVotes, spread };
}

function voteRecord(vote: Vote) {
  const { criteriaSample, evaluationSample, cost } = vote;
  const about = { criteriaSample, evaluationSample, fromStore: cost.fromStore || undefined };
  if (vote.kind === "unscored") return { ...about, score: null, unscored: unscored(vote), text: vote.text };
  const { criterionScores, otherPoints, rationale, text } = vote.evaluation;
  const { value, hard, expected, distribution } = vote;
  return { ...about, score: value, hard, expected, distribution, criterionScores, otherPoints, rationale, text };
}

function unscored({ reason, detail }: { reason: string; detail: string }) {
  return { reason, detail };
}
