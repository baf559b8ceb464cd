import { InputError } from "../core/errors.ts";
import { studentTQuantile } from "../core/student-t.ts";
import type { Judge } from "./judge.ts";
import type { JudgeSettings } from "./judge-options.ts";
import type { JudgeInput, Judgment, Vote } from "./judgment.ts";

export interface AdaptiveOptions {
  /** Evaluations that may be spent on one query, over all its responses. */
  budget: number;
  /** How sure the leader must be before votes stop (0.5 to 1). Default 0.95. */
  confidence?: number;
  signal?: AbortSignal;
}

/** A judgment with what the adaptive votes found out. */
export interface AdaptiveJudgment extends Judgment {
  adaptive: {
    /** Evaluations spent. */
    spent: number;
    budget: number;
    confidence: number;
    /** Whether the leader is clear at that confidence; otherwise the budget ran out first. */
    decided: boolean;
  };
}

const defaultConfidence = 0.95;

/** Prior spread of a judge's votes (in score points) and how many votes it counts for: two equal votes prove little. */
const priorVariance = 0.5 ** 2;
const priorWeight = 1;

/** Refuses adaptive votes that cannot work whatever the input is (`InputError`). */
export function checkAdaptiveOptions(
  { temperature }: Pick<JudgeSettings, "temperature">,
  { budget, confidence = defaultConfidence }: Pick<AdaptiveOptions, "budget" | "confidence">,
): void {
  if (temperature === 0)
    throw new InputError("votes at temperature 0 are all the same: set --temperature (0.7 is usual)", {
      field: "budget",
    });
  if (!Number.isSafeInteger(budget) || budget < 2)
    throw new InputError(`got ${budget}, expected a whole number of at least 2`, { field: "budget" });
  if (!(confidence > 0.5 && confidence < 1))
    throw new InputError(`got ${confidence}, expected a number between 0.5 and 1`, { field: "confidence" });
}

/**
 * Best-of-N with votes where they are needed: every response gets two; then, round by round, the leader and each response
 * whose score may still be higher get one more, until the leader is clear or the budget is spent (in the manner of LUCB,
 * Kalyanakrishnan 2012). A lead is tested by a t interval with the spread pooled over all responses, at a confidence
 * shared out over the challengers. Votes go round the lists of criteria, so that they differ in both turns.
 */
export async function rankAdaptively(
  judge: Judge,
  input: JudgeInput,
  options: AdaptiveOptions,
): Promise<AdaptiveJudgment> {
  const confidence = options.confidence ?? defaultConfidence;
  checkAdaptiveOptions(judge.settings, options);
  const count = input.responses.length;
  if (options.budget < 2 * count) {
    const message = `got ${options.budget}, expected at least two evaluations for each of the ${count} responses of ${JSON.stringify(input.id)}`;
    throw new InputError(message, { field: "budget" });
  }

  const { criteriaSamples, mode } = judge.settings;
  const lists = mode === "implicit" ? 1 : criteriaSamples;
  const startedAt = judge.settings.now();
  const session = judge.startQuery(input, options.signal);
  const votes: Vote[][] = input.responses.map(() => []);
  let spent = 0;

  const addVotes = async (indexes: number[]) => {
    const affordable = indexes.slice(0, options.budget - spent);
    spent += affordable.length;
    await Promise.all(
      affordable.map(async (index) => {
        const next = votes[index]!.length;
        const vote = await session.vote(input.responses[index]!, next % lists, Math.floor(next / lists));
        votes[index]!.push(vote);
      }),
    );
  };

  const all = input.responses.map((_, index) => index);
  await addVotes(all);
  await addVotes(all);
  let open = openResponses(votes, confidence);
  while (open.length > 0 && spent < options.budget) {
    await addVotes(open);
    open = openResponses(votes, confidence);
  }
  const judgment = await session.judgment(votes, startedAt);
  // Without any score there is no leader to be clear.
  const decided = open.length === 0 && judgment.responses.some(({ reward }) => reward.kind === "scored");
  return { ...judgment, adaptive: { spent, budget: options.budget, confidence, decided } };
}

/** The leader and the responses that may still be better, the nearest challenger first; empty when the leader is clear. */
export function openResponses(votes: Vote[][], confidence: number): number[] {
  const scored = votes.flatMap((ofResponse, index) => {
    const values = ofResponse.flatMap((vote) => (vote.kind === "scored" ? [vote.value] : []));
    return values.length === 0 ? [] : [{ index, count: values.length, mean: mean(values), values }];
  });
  if (scored.length < 2) return [];
  const squares = scored.reduce(
    (sum, { values, mean: m }) => sum + values.reduce((s, value) => s + (value - m) ** 2, 0),
    0,
  );
  const degrees = scored.reduce((sum, { count }) => sum + count - 1, 0) + priorWeight;
  const variance = (squares + priorWeight * priorVariance) / degrees;
  const [leader, ...challengers] = scored.toSorted((a, b) => b.mean - a.mean);
  const quantile = studentTQuantile((1 - confidence) / challengers.length, degrees);
  const undecided = challengers.filter(
    (challenger) =>
      leader!.mean - challenger.mean <= quantile * Math.sqrt(variance / leader!.count + variance / challenger.count),
  );
  return undecided.length === 0 ? [] : [leader!.index, ...undecided.map(({ index }) => index)];
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
