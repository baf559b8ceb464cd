/** Rounds slower than this many times the usual pace, several in a row, count as a collapse. */
const collapseFactor = 6;
const roundsToCollapse = 2;
const minimumMilliseconds = 120;

/**
 * Watches how long batches take. On shared cores llama.cpp's threads sometimes wait for each other so long that a token
 * takes fifty times its usual time; one thread never does. When that happens the governor answers with one thread, and
 * tries the configured number again after `retryMilliseconds`, twice as long after every further collapse.
 */
export class ThreadGovernor {
  /** Collapses seen so far. */
  collapses = 0;
  readonly #configured: number;
  readonly #now: () => number;
  readonly #onCollapse: (message: string) => void;
  #threads: number;
  #slowRounds = 0;
  #retryMilliseconds: number;
  #retryAt = 0;
  /** Usual milliseconds a token, by the power of two that a batch's tokens reach: a large batch costs less a token. */
  readonly #pace = new Map<number, number>();

  constructor(options: {
    threads: number;
    now: () => number;
    onCollapse?: (message: string) => void;
    retryMilliseconds?: number;
  }) {
    this.#configured = options.threads;
    this.#threads = options.threads;
    this.#now = options.now;
    this.#onCollapse = options.onCollapse ?? (() => {});
    this.#retryMilliseconds = options.retryMilliseconds ?? 30_000;
  }

  /** Takes note of a batch and returns the number of threads for the next one. */
  observe(tokens: number, milliseconds: number): number {
    const kind = Math.floor(Math.log2(tokens));
    const pace = milliseconds / tokens;
    const usual = this.#pace.get(kind);
    const slow =
      usual !== undefined && milliseconds > minimumMilliseconds && pace > collapseFactor * usual && this.#threads > 1;
    if (!slow) {
      this.#slowRounds = 0;
      this.#pace.set(kind, usual === undefined ? pace : Math.min(pace, 0.9 * usual + 0.1 * pace));
    } else if (++this.#slowRounds >= roundsToCollapse || pace > 20 * usual) this.#collapse(pace, usual);
    if (this.#threads < this.#configured && this.#now() >= this.#retryAt) this.#threads = this.#configured;
    return this.#threads;
  }

  #collapse(pace: number, usual: number): void {
    this.collapses++;
    this.#slowRounds = 0;
    this.#onCollapse(
      `${this.#threads} threads slowed down to ${pace.toFixed(0)} ms a token (usual ${usual.toFixed(1)}): using 1 thread for ${this.#retryMilliseconds / 1000} s`,
    );
    this.#threads = 1;
    this.#retryAt = this.#now() + this.#retryMilliseconds;
    this.#retryMilliseconds *= 2;
  }
}
