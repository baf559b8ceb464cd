import { EngineError } from "../../core/errors.ts";
import { isCongestionStatus, isRetryableStatus, parseRetryAfter } from "../../core/retry.ts";
import type { TransportFailure } from "../../core/transport-failure.ts";
import type { HttpResponse } from "./http-client.ts";

/** Longest part of a server's error body that is shown, in characters. */
const shownBody = 500;

/** Why one attempt gave no generations, and what follows from it. */
export interface AttemptFailure {
  error: EngineError;
  /** Whether the server had too much to do. */
  congested: boolean;
  retryAfterMs?: number;
}

/** The server's body as far as it is shown: secrets hidden before it is cut, so that no half secret is left. */
export function shownText(text: string, redact: (text: string) => string): string {
  const whole = redact(text).trim();
  return whole.length > shownBody ? `${whole.slice(0, shownBody)}...` : whole;
}

/** The failure of a response with an error status. */
export function statusFailure(response: HttpResponse, shown: string, where: string, now: number): AttemptFailure {
  const { status } = response;
  const said = shown === "" ? "with an empty body" : `: ${shown}`;
  const advice =
    status === 401 || status === 403
      ? "; set CERM_API_KEY to a key this server takes"
      : status === 404
        ? "; check the base URL and the model's name"
        : "";
  const retryAfter = response.headers["retry-after"];
  return {
    error: new EngineError(`${where}: HTTP ${status} ${said}${advice}`, {
      retryable: isRetryableStatus(status),
      status,
      code: `http-${status}`,
    }),
    congested: isCongestionStatus(status),
    retryAfterMs: parseRetryAfter(Array.isArray(retryAfter) ? retryAfter[0] : retryAfter, now),
  };
}

/** The failure of a request without a complete response. */
export function transportFailure(
  failure: TransportFailure,
  redact: (text: string) => string,
  where: string,
): AttemptFailure {
  const fail = (code: string, retryable: boolean, text: string, congested = false): AttemptFailure => ({
    error: new EngineError(`${where}: ${redact(text)}`, { retryable, code }),
    congested,
  });
  switch (failure.kind) {
    case "unreachable":
      return fail("unreachable", failure.retryable, `no connection: ${failure.detail}; is the server running there?`);
    case "dropped":
      return fail("dropped", true, `the connection ended before the answer did: ${failure.detail}`);
    case "timeout": {
      const what = failure.limit === "total" ? "no complete answer" : "no first token";
      const option = failure.limit === "total" ? "totalMs" : "firstTokenMs";
      return fail("timeout", true, `${what} within ${failure.ms} ms (timeouts.${option})`, true);
    }
    case "too-large":
      return fail("too-large", false, `the answer is longer than ${failure.bytes} bytes`);
    case "closed":
      return fail("closed", false, "the engine was closed");
  }
}

/** The failure of a body that is not a chat completion. Such bodies are cut or garbled on the way, so another may do. */
export function malformedFailure(problem: string, redact: (text: string) => string, where: string): AttemptFailure {
  const error = new EngineError(`${where}: the answer is not a chat completion: ${redact(problem)}`, {
    retryable: true,
    code: "malformed",
  });
  return { error, congested: false };
}
