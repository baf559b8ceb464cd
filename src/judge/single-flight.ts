import { onAbort } from "../core/on-abort.ts";

interface Flight<T> {
  promise: Promise<T>;
  controller: AbortController;
  waiting: number;
  claimed: boolean;
}

/** What a flight gave. `first` is true for exactly one of its callers: the one that counts what it cost. */
export interface Landed<T> {
  value: T;
  first: boolean;
}

/**
 * Runs one task per key at a time: calls that arrive while it runs wait for its result. The task is aborted only when
 * every caller has gone; a caller that aborts leaves the others undisturbed.
 */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>();

  run(key: string, task: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<Landed<T>> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    let flight = this.#flights.get(key);
    if (flight === undefined) {
      const controller = new AbortController();
      const started: Flight<T> = {
        promise: task(controller.signal).finally(() => this.#forget(key, started)),
        controller,
        waiting: 0,
        claimed: false,
      };
      flight = started;
      this.#flights.set(key, flight);
    }
    return this.#join(key, flight, signal);
  }

  #join(key: string, flight: Flight<T>, signal: AbortSignal | undefined): Promise<Landed<T>> {
    flight.waiting++;
    return new Promise((resolve, reject) => {
      const stay = onAbort(signal, () => {
        reject(signal?.reason);
        if (--flight.waiting > 0) return;
        this.#forget(key, flight);
        flight.controller.abort(signal?.reason);
      });
      flight.promise.then(
        (value) => {
          stay();
          // A caller that has aborted sees no result, so it does not count its cost either.
          if (signal?.aborted) return;
          resolve({ value, first: !flight.claimed });
          flight.claimed = true;
        },
        (error: unknown) => {
          stay();
          reject(error);
        },
      );
    });
  }

  /** A later flight of the same key stays. */
  #forget(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
