import { onAbort } from "../../core/on-abort.ts";

/** How a request that held a place in the window ended. */
export type Outcome = "success" | "congested" | "other";

/** A place in the window. */
export interface Permit {
  /** The window's epoch when the place was taken. */
  epoch: number;
}

interface Waiter {
  admit: (permit: Permit) => void;
  gone: boolean;
}

/**
 * How many requests may be in flight: additive increase, multiplicative decrease, with a doubling start, as in TCP's
 * congestion control (Chiu and Jain 1989; RFC 5681). The window grows only while it is full, and is halved at most once
 * for all requests that were in flight together.
 */
export class AdaptiveWindow {
  #size: number;
  readonly #max: number;
  #inFlight = 0;
  #epoch = 0;
  #starting = true;
  #queue: Waiter[] = [];
  #head = 0;
  #waiting = 0;

  constructor(options: { start: number; max: number }) {
    this.#size = Math.min(options.start, options.max);
    this.#max = options.max;
  }

  /** Requests that may be in flight now. */
  get size(): number {
    return Math.floor(this.#size);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Resolves when there is a place, first come first served; rejects with the signal's reason when aborted first. */
  acquire(signal?: AbortSignal): Promise<Permit> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#waiting === 0 && this.#inFlight < this.size) return Promise.resolve(this.#take());
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        gone: false,
        admit: (permit) => {
          forget();
          resolve(permit);
        },
      };
      const forget = onAbort(signal, () => {
        waiter.gone = true;
        this.#waiting--;
        reject(signal?.reason);
      });
      this.#queue.push(waiter);
      this.#waiting++;
    });
  }

  /** Gives a place back and learns from how the request ended. */
  release(permit: Permit, outcome: Outcome): void {
    const full = this.#waiting > 0 || this.#inFlight >= this.size;
    this.#inFlight--;
    if (outcome === "success" && full) {
      this.#size = Math.min(this.#max, this.#size + (this.#starting ? 1 : 1 / this.#size));
    } else if (outcome === "congested" && permit.epoch === this.#epoch) {
      this.#size = Math.max(1, Math.floor(this.#size / 2));
      this.#starting = false;
      this.#epoch++;
    }
    this.#admit();
  }

  #take(): Permit {
    this.#inFlight++;
    return { epoch: this.#epoch };
  }

  #admit(): void {
    while (this.#waiting > 0 && this.#inFlight < this.size) {
      const waiter = this.#queue[this.#head++]!;
      if (waiter.gone) continue;
      this.#waiting--;
      waiter.admit(this.#take());
    }
    if (this.#waiting === 0 || this.#head > 1024) {
      this.#queue = this.#waiting === 0 ? [] : this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }
}
