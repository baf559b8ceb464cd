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

  /** `{"seconds/rollout": 1.5, ...}` */
  metrics(): Record<string, number> {
    return Object.fromEntries([...this.#seconds].map(([what, seconds]) => [`seconds/${what}`, seconds]));
  }
}
