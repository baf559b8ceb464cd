import type { InstanceRollout } from "../trajectory.ts";

/** Wall-clock seconds by what they were spent on. */
export class Stopwatch {
  readonly #now: () => number;
  readonly #seconds = new Map<string, number>();

  /** `now` in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  async time<T>(what: string, work: () => Promise<T>): Promise<T> {
    const startedAt = this.#now();
    try {
      return await work();
    } finally {
      this.#seconds.set(what, this.seconds(what) + (this.#now() - startedAt) / 1000);
    }
  }

  seconds(what: string): number {
    return this.#seconds.get(what) ?? 0;
  }

  /** Tokens a second: sampled ones over the whole step without held-out evaluation, trained ones over the update. */
  rates(rollouts: readonly InstanceRollout[], trainedTokens: number): Record<string, number | undefined> {
    const sampled = rollouts.flatMap(({ trajectories }) => trajectories);
    const sampledTokens = sampled.reduce((sum, { tokens }) => sum + tokens.length, 0);
    const step = [...this.#seconds].reduce((sum, [what, seconds]) => sum + (what === "heldOut" ? 0 : seconds), 0);
    const rate = (tokens: number, seconds: number) => (seconds > 0 ? tokens / seconds : undefined);
    return { "rate/sampled": rate(sampledTokens, step), "rate/trained": rate(trainedTokens, this.seconds("update")) };
  }

  /** `{"seconds/rollout": 1.5, ...}` */
  metrics(): Record<string, number> {
    return Object.fromEntries([...this.#seconds].map(([what, seconds]) => [`seconds/${what}`, seconds]));
  }
}
