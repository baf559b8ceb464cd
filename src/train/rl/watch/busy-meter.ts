/** Measures for how long at least one call was under way, and how many were on average. Times in milliseconds. */
export class BusyMeter {
  readonly #now: () => number;
  #running = 0;
  #changedAt: number;
  #startedAt: number;
  #busy = 0;
  #calls = 0;

  constructor(now: () => number) {
    this.#now = now;
    this.#changedAt = now();
    this.#startedAt = this.#changedAt;
  }

  async track<T>(call: () => Promise<T>): Promise<T> {
    this.#advance();
    this.#running++;
    try {
      return await call();
    } finally {
      this.#advance();
      this.#running--;
    }
  }

  /** Since the last `take`, or the beginning: the share of time that was busy (0-1), and the mean of calls under way. */
  take(): { busyShare: number; meanCalls: number } {
    this.#advance();
    const elapsed = this.#changedAt - this.#startedAt;
    const taken = {
      busyShare: elapsed > 0 ? this.#busy / elapsed : 0,
      meanCalls: elapsed > 0 ? this.#calls / elapsed : 0,
    };
    [this.#busy, this.#calls, this.#startedAt] = [0, 0, this.#changedAt];
    return taken;
  }

  #advance(): void {
    const now = this.#now();
    const elapsed = now - this.#changedAt;
    if (this.#running > 0) this.#busy += elapsed;
    this.#calls += this.#running * elapsed;
    this.#changedAt = now;
  }
}
