/** Why there is no complete response. */
export type TransportFailure =
  /** No connection: nothing listens, no such host, connect timeout, no trust in its certificate. */
  | { kind: "unreachable"; detail: string; retryable: boolean }
  /** The connection ended before the response did. */
  | { kind: "dropped"; detail: string }
  | { kind: "timeout"; limit: "first-token" | "total"; ms: number }
  | { kind: "too-large"; bytes: number }
  /** The engine was closed meanwhile. */
  | { kind: "closed" };

const unreachableCodes = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Sorts an error of the HTTP library; anything unknown counts as a dropped connection. */
export function classifyTransportError(error: Error): TransportFailure {
  const code = errorCode(error);
  if (code === "UND_ERR_DESTROYED" || code === "UND_ERR_CLOSED") return { kind: "closed" };
  if (code === "ENOTFOUND") return { kind: "unreachable", detail: "no such host (ENOTFOUND)", retryable: false };
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|^ERR_SSL/.test(code)) {
    return { kind: "unreachable", detail: `TLS: ${error.message} (${code})`, retryable: false };
  }
  if (unreachableCodes.has(code)) return { kind: "unreachable", detail: describe(error, code), retryable: true };
  return { kind: "dropped", detail: describe(error, code) };
}

function errorCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return errorCode(error.errors[0]);
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : "";
}

function describe(error: Error, code: string): string {
  const text =
    error instanceof AggregateError ? (error.errors as Error[]).map((each) => each.message).join("; ") : error.message;
  return code === "" || text.includes(code) ? text : `${text} (${code})`;
}
