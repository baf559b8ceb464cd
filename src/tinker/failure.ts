import type { TransportFailure } from "../core/transport-failure.ts";
import type { HttpAnswer } from "./http.ts";
import { TinkerError } from "./tinker-error.ts";

/** Longest part of a server's answer that a message repeats. */
const shownCharacters = 2000;

/** What a server said about a failure: `detail` (a text, or a list of field errors), `error`, or the body itself. */
export function detailOf(answer: HttpAnswer, redact: (text: string) => string): string {
  const text = answer.body.subarray(0, 4 * shownCharacters).toString("utf8");
  let said = text;
  try {
    const { detail, error } = JSON.parse(answer.body.toString("utf8")) as { detail?: unknown; error?: unknown };
    const value = detail ?? error;
    if (Array.isArray(value)) said = value.map(describeIssue).join("; ");
    else if (value !== undefined) said = typeof value === "string" ? value : JSON.stringify(value);
  } catch {
    // Not JSON: a proxy's page, or nothing.
  }
  return redact(said.trim()).slice(0, shownCharacters);
}

function describeIssue(issue: unknown): string {
  const { loc, msg } = (issue ?? {}) as { loc?: unknown; msg?: unknown };
  return Array.isArray(loc) && typeof msg === "string" ? `${loc.join(".")}: ${msg}` : JSON.stringify(issue);
}

const resume = "Go on with a new model, loaded from the last checkpoint";

/** The error of an answer whose status is not a success. `mayHaveEffect`: what was asked may have been done nevertheless. */
export function statusError(
  what: string,
  answer: HttpAnswer,
  redact: (text: string) => string,
  mayHaveEffect: boolean,
): TinkerError {
  const { status } = answer;
  const detail = detailOf(answer, redact);
  const said = detail === "" ? `HTTP ${status}` : `HTTP ${status}: ${detail}`;
  const facts = { status, detail };
  if (status === 401 || status === 403) {
    return new TinkerError("refused", `${what}: ${said}. Set TINKER_API_KEY to a key of this server`, facts);
  }
  if (/\bmodel\b.*\bnot (loaded|found)\b|session not found|future not found/i.test(detail)) {
    const message = `${what}: ${said}. The server was restarted, or dropped an idle session. ${resume}`;
    return new TinkerError("forgotten", message, { ...facts, resumable: true });
  }
  if (status >= 500 && mayHaveEffect) {
    const message = `${what}: ${said}, so it may or may not have taken effect. ${resume}`;
    return new TinkerError("lost-answer", message, { ...facts, resumable: true });
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return new TinkerError("unavailable", `${what}: ${said}`, { ...facts, retryable: true });
  }
  return new TinkerError("refused", `${what}: ${said}`, facts);
}

/** The error of a request that got no answer. `mayHaveArrived`: it may have taken effect nevertheless. */
export function transportError(
  what: string,
  root: string,
  failure: TransportFailure,
  redact: (text: string) => string,
  mayHaveEffect: boolean,
): TinkerError {
  const why = redact(describeTransport(failure));
  if (failure.kind === "closed") return new TinkerError("closed", `${what}: the client was closed`);
  if (mayHaveEffect) {
    const message = `${what}: the answer of ${root} was lost (${why}), so it may or may not have taken effect. ${resume}`;
    return new TinkerError("lost-answer", message, { resumable: true });
  }
  const message = `${what}: ${root} does not answer (${why}). Is the server up? Check its address with GET ${root}/healthz`;
  return new TinkerError("unavailable", message, {
    retryable: failure.kind !== "unreachable" || failure.retryable,
  });
}

function describeTransport(failure: TransportFailure): string {
  if (failure.kind === "timeout") return `nothing came within ${failure.ms} ms`;
  if (failure.kind === "too-large") return `more than ${failure.bytes} bytes`;
  return failure.kind === "closed" ? "closed" : failure.detail;
}
