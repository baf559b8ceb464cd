import type { Clock } from "../../core/clock.ts";
import { EngineError } from "../../core/errors.ts";
import type { Engine } from "../engine.ts";

/** First pause before a replica that is down is probed, in milliseconds; doubled with every probe that fails. */
const firstPauseMs = 1000;
const longestPauseMs = 30_000;
/** Failures in a row after which a replica counts as down; one is enough where it cannot be reached. */
const failuresUntilDown = 3;

/** One server of a pool: its engine, how much it has to do and whether it is there. */
export class Replica {
  readonly name: string;
  inFlight = 0;
  #engine: Engine | undefined;
  readonly #connect: () => Promise<Engine>;
  readonly #clock: Clock;
  #failures = 0;
  #pauseMs = 0;
  #downUntil = 0;
  #down = false;
  #probing: Promise<boolean> | undefined;
  #lastError: unknown;

  /** `connect` gives the engine; it is called again when a replica that is down is probed. */
  constructor(options: { name: string; connect: () => Promise<Engine>; clock: Clock; engine?: Engine }) {
    this.name = options.name;
    this.#connect = options.connect;
    this.#clock = options.clock;
    this.#engine = options.engine;
  }

  /** When it may be probed again, in the clock's milliseconds; 0 where it is up. */
  get downUntil(): number {
    return this.isUp ? 0 : this.#downUntil;
  }

  /** What went wrong last, for the error of a request that found no replica. */
  get lastError(): unknown {
    return this.#lastError;
  }

  get engine(): Engine | undefined {
    return this.#engine;
  }

  get isUp(): boolean {
    return !this.#down && this.#engine !== undefined;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#down = false;
    this.#pauseMs = 0;
  }

  /** Counts a failure. Errors of the request itself say nothing about the replica. */
  failed(error: unknown): void {
    if (!isReplicaFailure(error)) {
      this.succeeded();
      return;
    }
    this.#failures++;
    this.#lastError = error;
    if (error.code === "unreachable" || this.#failures >= failuresUntilDown) this.#markDown();
  }

  /** Connects for the first time. A replica that does not answer yet is down; any other error is thrown. */
  async start(): Promise<void> {
    try {
      this.#engine = await this.#connect();
    } catch (error) {
      if (!isReplicaFailure(error)) throw error;
      this.#lastError = error;
      this.#markDown();
    }
  }

  #markDown(): void {
    // Requests that were under way together fail together: they are one outage, not several.
    if (this.#down && this.#clock.now() < this.#downUntil) return;
    this.#down = true;
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs === 0 ? firstPauseMs : this.#pauseMs * 2);
    this.#downUntil = this.#clock.now() + this.#pauseMs;
  }

  /** Starts a probe where one is due. Returns the probe that is under way, which gives whether the replica is up. */
  probeIfDue(): Promise<boolean> | undefined {
    if (this.isUp || this.#probing !== undefined) return this.#probing;
    if (this.#clock.now() < this.#downUntil) return undefined;
    this.#probing = this.#probe().finally(() => {
      this.#probing = undefined;
    });
    return this.#probing;
  }

  async #probe(): Promise<boolean> {
    try {
      this.#engine = await this.#connect();
      this.#down = false;
      // It answered a probe, which is not yet a request: one failure and it is down again, for longer.
      this.#failures = failuresUntilDown - 1;
      return true;
    } catch (error) {
      // A wrong model too: the server may be restarted with the right one.
      this.#lastError = error;
      this.#markDown();
      return false;
    }
  }

  async close(): Promise<void> {
    await this.#probing;
    await this.#engine?.close();
  }
}

/** Whether an error speaks against the replica, not against the request. */
export function isReplicaFailure(error: unknown): error is EngineError {
  return error instanceof EngineError && (error.retryable || error.code === "unreachable");
}
