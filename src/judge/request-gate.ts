/** Counts requests under way, and votes that will make requests, and tells when a count went down. */
export class RequestGate {
  count = 0;
  /** Votes that were begun and are not done; most of them wait for their criteria. */
  votes = 0;
  #changed: { promise: Promise<undefined>; resolve: () => void } | undefined;

  /** Resolves (with `undefined`) when the next request or vote ends. */
  changed(): Promise<undefined> {
    if (this.#changed === undefined) {
      let resolve: () => void = () => {};
      const promise = new Promise<undefined>((done) => {
        resolve = () => done(undefined);
      });
      this.#changed = { promise, resolve };
    }
    return this.#changed.promise;
  }

  run<T>(request: () => Promise<T>): Promise<T> {
    return this.#counted("count", request);
  }

  runVote<T>(vote: () => Promise<T>): Promise<T> {
    return this.#counted("votes", vote);
  }

  async #counted<T>(what: "count" | "votes", work: () => Promise<T>): Promise<T> {
    this[what]++;
    try {
      return await work();
    } finally {
      this[what]--;
      this.#changed?.resolve();
      this.#changed = undefined;
    }
  }
}
