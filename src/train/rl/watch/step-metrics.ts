import { mean } from "../../../core/statistics/mean.ts";
import type { JudgeMode } from "../../../judge/judgment.ts";
import { comparedEvaluations } from "../rewards/instance-rewards.ts";
import type { InstanceRollout, Trajectory } from "../trajectory.ts";
import type { JudgedTrajectory } from "../update/make-sequences.ts";
import type { UpdateReport } from "../update/update-policy.ts";

/** A line of metrics.jsonl: `step` and numbers by name. A number that means nothing in a step is left out. */
export type StepMetrics = { step: number; time: string } & Record<string, number | string | string[] | undefined>;

/** Numbers about a step's rollouts. Rewards are means over those that carry signal. */
export function rolloutMetrics(
  rollouts: readonly InstanceRollout[],
  judged: readonly JudgedTrajectory[],
  mode: JudgeMode,
) {
  const of = (stage: string, side?: string) =>
    judged.filter(({ trajectory }) => trajectory.stage === stage && (side === undefined || trajectory.side === side));
  const criteria = of("criteria");
  const evaluations = of("evaluation");
  return {
    instances: rollouts.length,
    skipped: rollouts.filter(({ skipped }) => skipped !== undefined).length,
    trajectories: judged.length,
    "reward/criteria": meanReward(criteria),
    "reward/chosen": meanReward(of("evaluation", "chosen")),
    "reward/rejected": meanReward(of("evaluation", "rejected")),
    ...scoreMetrics(rollouts, mode),
    "faults/criteria": shareOf(criteria, isFault),
    "faults/evaluation": shareOf(evaluations, isFault),
    "unfinished/criteria": shareOf(criteria, ({ trajectory }) => trajectory.unfinished),
    "unfinished/evaluation": shareOf(evaluations, ({ trajectory }) => trajectory.unfinished),
    "noSignal/evaluation": shareOf(evaluations, ({ reward }) => reward === null),
    /** Of those with an advantage, how many groups had any spread. */
    taught: shareOf(
      judged.filter(({ advantage }) => advantage !== null),
      ({ advantage }) => advantage !== 0,
    ),
    "criteria/count": average(
      criteria.flatMap(({ trajectory: { outcome } }) => (outcome.kind === "criteria" ? [outcome.count] : [])),
    ),
    "tokens/criteria": average(criteria.map(({ trajectory }) => trajectory.tokens.length)),
    "tokens/evaluation": average(evaluations.map(({ trajectory }) => trajectory.tokens.length)),
    "tokens/sampled": judged.reduce((sum, { trajectory }) => sum + trajectory.tokens.length, 0),
    "entropy/criteria": entropy(criteria),
    "entropy/evaluation": entropy(evaluations),
  };
}

/** Pair accuracy, ties and the spread of scores, over all pairs of a chosen and a rejected evaluation that are compared. */
function scoreMetrics(rollouts: readonly InstanceRollout[], mode: JudgeMode) {
  let [right, tied, wrong, faulty] = [0, 0, 0, 0];
  const compared = rollouts.flatMap(({ trajectories }) => comparedEvaluations(trajectories, mode));
  for (const { chosen, rejected } of compared)
    for (const high of chosen.map(scoreOf))
      for (const low of rejected.map(scoreOf)) {
        if (high === undefined || low === undefined) faulty++;
        else if (high > low) right++;
        else if (high === low) tied++;
        else wrong++;
      }
  const comparisons = right + tied + wrong + faulty;
  const scores = compared
    .flatMap(({ chosen, rejected }) => [...chosen, ...rejected])
    .map(scoreOf)
    .filter((score) => score !== undefined);
  const histogram = new Map<number, number>();
  for (const score of scores) histogram.set(score, (histogram.get(score) ?? 0) + 1);
  const ascending = [...histogram].sort(([a], [b]) => a - b);
  return {
    pairAccuracy: comparisons === 0 ? undefined : right / comparisons,
    tieRate: comparisons === 0 ? undefined : tied / comparisons,
    "score/mean": average(scores),
    "score/commonest": scores.length === 0 ? undefined : Math.max(...histogram.values()) / scores.length,
    ...Object.fromEntries(ascending.map(([score, count]) => [`scores/${score}`, count])),
  };
}

/** Numbers about a step's update. */
export function updateMetrics({ offPolicyness, gradientNorms, optimiserSteps, sequences, tokens }: UpdateReport) {
  const { atStart, overall } = offPolicyness ?? {};
  return {
    optimiserSteps,
    "trained/sequences": sequences,
    "trained/tokens": tokens,
    "gradientNorm/mean": average(gradientNorms),
    "gradientNorm/max": gradientNorms.length === 0 ? undefined : Math.max(...gradientNorms),
    "offPolicy/klAtStart": atStart?.kl,
    "offPolicy/ratioAtStart": atStart?.ratioMean,
    "offPolicy/kl": overall?.kl,
    "offPolicy/ratioMean": overall?.ratioMean,
    "offPolicy/ratioMin": overall?.ratioMin,
    "offPolicy/ratioMax": overall?.ratioMax,
    "offPolicy/clipped": overall?.clipped,
  };
}

/** KL from the policy to the reference in nats a token: the mean difference of log-probabilities of sampled tokens. */
export function referenceKl(
  judged: readonly JudgedTrajectory[],
  reference: readonly Float32Array[],
): number | undefined {
  let [sum, tokens] = [0, 0];
  judged.forEach(({ trajectory }, index) => {
    trajectory.logprobs.forEach((logprob, token) => {
      sum += logprob - reference[index]![token]!;
      tokens++;
    });
  });
  return tokens === 0 ? undefined : sum / tokens;
}

/** Mean of minus the log-probability of sampled tokens, which estimates the entropy, in nats a token. */
function entropy(judged: readonly JudgedTrajectory[]): number | undefined {
  let [sum, tokens] = [0, 0];
  for (const { trajectory } of judged) {
    for (const logprob of trajectory.logprobs) sum -= logprob;
    tokens += trajectory.logprobs.length;
  }
  return tokens === 0 ? undefined : sum / tokens;
}

function meanReward(judged: readonly JudgedTrajectory[]): number | undefined {
  return average(judged.map(({ reward }) => reward).filter((reward) => reward !== null));
}

function isFault({ trajectory }: JudgedTrajectory): boolean {
  return trajectory.outcome.kind === "unparsable" || trajectory.unfinished;
}

function scoreOf({ outcome, unfinished }: Trajectory): number | undefined {
  return outcome.kind === "score" && !unfinished ? outcome.value : undefined;
}

function shareOf<T>(all: readonly T[], holds: (one: T) => boolean): number | undefined {
  return all.length === 0 ? undefined : all.filter(holds).length / all.length;
}

function average(values: readonly number[]): number | undefined {
  return mean(values) ?? undefined;
}
