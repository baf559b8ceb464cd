import { backoffMs, isRetryableStatus, parseRetryAfter } from "../core/retry.ts";
import { statusError, transportError } from "./failure.ts";
import type { Http, HttpAnswer, HttpCall } from "./http.ts";
import type { ResolvedTinkerOptions } from "./options.ts";
import type { TinkerError } from "./tinker-error.ts";

export interface CallOptions extends Omit<HttpCall, "timeoutMs"> {
  /** What is being done, for messages: `optim_step of model_1`. */
  what: string;
  /**
   * What doing it twice would be. `"harmless"`: as good as once. `"recognised"`: the server sees by the sequence number that
   * it is the same. `"unsafe"`: wrong, so it is tried again only while the server cannot have taken it.
   */
  repeat: "harmless" | "recognised" | "unsafe";
  /** Default: the client's limit of a request. */
  timeoutMs?: number;
  /** Answers that the caller handles, although their status is not a success. */
  accept?: (answer: HttpAnswer, attempt: Attempt) => boolean;
}

/** How far an attempt got, and those before it. */
export interface Attempt {
  /** 1 for the first. */
  number: number;
  /** An earlier attempt may have reached the server. */
  mayHaveArrived: boolean;
}

/** Makes calls: tries again with jitter where that is safe, and turns everything that is no success into a `TinkerError`. */
export type Call = (call: CallOptions) => Promise<HttpAnswer>;

/** From this failed attempt on it is told that a call is tried again: shorter outages are not worth a line. */
const tellFrom = 3;
/** Milliseconds from one such line to the next: many calls may wait for the same server. */
const tellEveryMs = 60_000;

export function createCall(http: Http, options: ResolvedTinkerOptions): Call {
  const { clock, random, maxAttempts, say } = options;
  let toldAt = Number.NEGATIVE_INFINITY;
  return async ({ what, repeat, accept, ...call }) => {
    let mayHaveArrived = false;
    for (let number = 1; ; number += 1) {
      const result = await http.send({ timeoutMs: options.requestMs, ...call });
      let error: TinkerError;
      let retryAfterMs: number | undefined;
      let again: boolean;
      if (result.kind === "answer") {
        if (result.status < 300 || accept?.(result, { number, mayHaveArrived })) return result;
        // A server that fails may have done its work before; one that is busy says that it did not begin.
        const untaken = result.status === 429 || result.status === 503;
        if (result.status >= 500 && !untaken) mayHaveArrived = true;
        error = statusError(what, result, http.redact, repeat !== "harmless" && mayHaveArrived);
        retryAfterMs = parseRetryAfter(headerOf(result, "retry-after"), clock.now());
        again = isRetryableStatus(result.status) && result.status !== 409 && (repeat !== "unsafe" || untaken);
      } else {
        const { failure } = result;
        if (failure.kind !== "unreachable") mayHaveArrived = true;
        error = transportError(what, http.root, failure, http.redact, repeat !== "harmless" && mayHaveArrived);
        again = failure.kind === "unreachable" ? failure.retryable : failure.kind !== "closed" && repeat !== "unsafe";
      }
      if (!again || number >= maxAttempts) throw error;
      if (number >= tellFrom && clock.now() - toldAt >= tellEveryMs) {
        toldAt = clock.now();
        say(`${what}: attempt ${number} of ${maxAttempts} at ${http.root} failed; trying again`);
      }
      await clock.sleep(backoffMs(number, random, retryAfterMs), call.signal);
    }
  };
}

function headerOf(answer: HttpAnswer, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
