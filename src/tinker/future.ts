import type { Clock } from "../core/clock.ts";
import type { Call } from "./call.ts";
import { detailOf } from "./failure.ts";
import type { Http, HttpAnswer } from "./http.ts";
import type { ResolvedTinkerOptions } from "./options.ts";
import { isProtobuf } from "./read-answer.ts";
import { TinkerError } from "./tinker-error.ts";

/** A server that says "not yet" faster than this is asked again after a pause. */
const shortPollMs = 1000;
const longestPauseMs = 1000;

/** Waits for results: asks again while there is none (408) and where an answer was lost. */
export type Await = (what: string, requestId: string, signal?: AbortSignal) => Promise<HttpAnswer>;

/**
 * Makes the function that waits for the result of a request. It throws a `TinkerError`: `failed` with the server's words
 * where the work failed, `forgotten` where the server does not know the request, `timeout` after the limit.
 */
export function createAwait(call: Call, http: Http, options: ResolvedTinkerOptions): Await {
  const { clock, pollMs, resultMs } = options;
  return async (what, requestId, signal) => {
    const deadline = clock.now() + resultMs;
    for (let early = 0; ; ) {
      const asked = clock.now();
      const answer = await call({
        ...{ what, method: "POST", path: "/retrieve_future", signal, repeat: "harmless", timeoutMs: pollMs },
        body: JSON.stringify({ request_id: requestId }),
        headers: { "content-type": "application/json", accept: "application/x-protobuf, application/json" },
        accept: ({ status }) => status === 408 || status === 400,
      });
      if (answer.status === 400) throw workError(what, answer, http.redact);
      if (answer.status !== 408 && !saysTryAgain(answer)) return checked(what, answer, http.redact);
      if (clock.now() >= deadline) {
        const message = `${what}: no result within ${resultMs} ms. Look into the server's log, or raise timeouts.resultMs`;
        throw new TinkerError("timeout", message, { resumable: true });
      }
      early = clock.now() - asked < shortPollMs ? early + 1 : 0;
      await pause(clock, early, signal);
    }
  };
}

async function pause(clock: Clock, early: number, signal?: AbortSignal): Promise<void> {
  if (early > 0) await clock.sleep(Math.min(longestPauseMs, 10 * 2 ** early), signal);
  else signal?.throwIfAborted();
}

/** Some servers say "not yet" with a success. */
function saysTryAgain(answer: HttpAnswer): boolean {
  return !isProtobuf(answer) && answer.body.length < 1000 && /"type":\s*"try_again"/.test(answer.body.toString("utf8"));
}

/** An answer that is a success in form may still say that the work failed. */
function checked(what: string, answer: HttpAnswer, redact: (text: string) => string): HttpAnswer {
  if (!isProtobuf(answer) && answer.body.length < 10_000 && /^\{\s*"error"/.test(answer.body.toString("utf8"))) {
    throw workError(what, answer, redact);
  }
  return answer;
}

function workError(what: string, answer: HttpAnswer, redact: (text: string) => string): TinkerError {
  const detail = detailOf(answer, redact);
  const facts = { status: answer.status, detail };
  if (/\bnot loaded\b|\bnot found\b/i.test(detail)) {
    const message = `${what}: the server says: ${detail}. It was restarted, or dropped an idle session: go on with a new model, loaded from the last checkpoint`;
    return new TinkerError("forgotten", message, { ...facts, resumable: true });
  }
  return new TinkerError("failed", `${what}: the server failed at it: ${detail || "it does not say why"}`, facts);
}
