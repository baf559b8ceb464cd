/**
 * Runs requests, at most `limit` at a time. Of those that wait, evaluations come before criteria, so that an instance that
 * was begun is finished before another one is begun; else first come, first served.
 */
export class RequestQueue {
  readonly #limit: number;
  readonly #waiting: Record<"evaluation" | "criteria", (() => void)[]> = { evaluation: [], criteria: [] };
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get running(): number {
    return this.#running;
  }

  async run<T>(stage: "evaluation" | "criteria", request: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) await new Promise<void>((resolve) => this.#waiting[stage].push(resolve));
    else this.#running++;
    try {
      return await request();
    } finally {
      // The place goes straight to the next one, so that nobody can slip in between.
      const next = this.#waiting.evaluation.shift() ?? this.#waiting.criteria.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
