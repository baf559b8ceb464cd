import type { StepMetrics } from "./step-metrics.ts";

/** Steps at the beginning whose lengths are taken for normal. */
const baselineSteps = 5;
/** Answers this many times as long as in the beginning. */
const explosion = 2;

/**
 * Tells what goes wrong in a run that goes on as if nothing were: gaming of the reward, length explosion, scores that say
 * nothing, groups without spread. Fed with the lines of metrics.jsonl in their order, also those of an earlier process.
 */
export class Alarms {
  readonly #lengths: Record<string, number[]> = {};
  /** Rewards since the best held-out accuracy, and the mean reward up to it. */
  #best: { accuracy: number; rewardBefore: number | undefined } | undefined;
  #rewards: number[] = [];

  /** What is wrong at this step, a sentence each. */
  check(line: StepMetrics): string[] {
    return [
      this.#gaming(line),
      ...this.#lengthExplosion(line),
      this.#sameScores(line),
      this.#nothingTaught(line),
    ].filter((alarm) => alarm !== undefined);
  }

  #gaming(line: StepMetrics): string | undefined {
    const reward = number(line, "reward/chosen");
    if (reward !== undefined) this.#rewards.push(reward);
    const accuracy = number(line, "heldOut/accuracy");
    const high = number(line, "heldOut/high");
    if (accuracy === undefined || high === undefined) return undefined;
    if (this.#best === undefined || accuracy >= this.#best.accuracy) {
      this.#best = { accuracy, rewardBefore: average(this.#rewards) };
      this.#rewards = [];
      return undefined;
    }
    const since = average(this.#rewards);
    const { accuracy: best, rewardBefore } = this.#best;
    if (high >= best || since === undefined || rewardBefore === undefined || since <= rewardBefore) return undefined;
    return `the reward rose from ${rewardBefore.toFixed(3)} to ${since.toFixed(3)} while held-out accuracy fell from ${best.toFixed(3)} to ${accuracy.toFixed(3)}, beyond its interval: the judge may be learning the training pairs by heart, or gaming the reward`;
  }

  #lengthExplosion(line: StepMetrics): (string | undefined)[] {
    return ["criteria", "evaluation"].map((stage) => {
      const length = number(line, `tokens/${stage}`);
      const unfinished = number(line, `unfinished/${stage}`) ?? 0;
      if (unfinished > 0.5) return `${percent(unfinished)} of ${stage} answers reach their token limit`;
      if (length === undefined) return undefined;
      this.#lengths[stage] ??= [];
      const baseline = this.#lengths[stage];
      if (baseline.length < baselineSteps) {
        baseline.push(length);
        return undefined;
      }
      const normal = average(baseline)!;
      if (length <= explosion * normal) return undefined;
      return `${stage} answers have ${Math.round(length)} tokens, and had ${Math.round(normal)} in the first ${baselineSteps} steps`;
    });
  }

  #sameScores(line: StepMetrics): string | undefined {
    const commonest = number(line, "score/commonest") ?? 0;
    const ties = number(line, "tieRate") ?? 0;
    if (commonest >= 0.95) return `${percent(commonest)} of all scores are the same`;
    if (ties >= 0.95) return `${percent(ties)} of all comparisons are ties`;
    return undefined;
  }

  #nothingTaught(line: StepMetrics): string | undefined {
    const taught = number(line, "taught");
    if (taught === undefined || taught >= 0.05) return undefined;
    return `only ${percent(taught)} of the trajectories are in a group with different rewards: the pairs are too easy or too hard, or there are too few samples of each`;
  }
}

function number(line: StepMetrics, name: string): number | undefined {
  const value = line[name];
  return typeof value === "number" ? value : undefined;
}

function average(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
