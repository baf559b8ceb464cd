import { isSecretHeader } from "../../core/redact.ts";
import { type AttemptFailure, shownText, statusFailure, transportFailure } from "./attempt-failure.ts";
import type { ServerAddress } from "./base-url.ts";
import type { HttpClient } from "./http-client.ts";
import type { ResolvedOptions } from "./options.ts";

/** Everything of options and address that must not be shown. */
export function secretsOf(options: ResolvedOptions, address: ServerAddress): string[] {
  const headers = Object.entries(options.headers).filter(([name]) => isSecretHeader(name));
  return [
    options.apiKey,
    ...address.secrets,
    // "Bearer xyz" is a secret as a whole and in its second word.
    ...headers.flatMap(([, value]) => [value, ...value.split(/\s+/).slice(1)]),
  ];
}

/** Headers of every request. */
export function requestHeaders(options: ResolvedOptions, address: ServerAddress): Record<string, string> {
  const authorization = options.apiKey !== "" ? `Bearer ${options.apiKey}` : address.basicAuth;
  const headers: Record<string, string> = { accept: options.stream ? "text/event-stream" : "application/json" };
  if (authorization !== undefined) headers.authorization = authorization;
  for (const [name, value] of Object.entries(options.headers)) headers[name.toLowerCase()] = value;
  return headers;
}

/** Makes a function that gets a path below the server's root. */
export function makeGet(
  http: HttpClient,
  address: ServerAddress,
  options: ResolvedOptions,
  redact: (text: string) => string,
) {
  return async (path: string, signal?: AbortSignal): Promise<{ text: string } | AttemptFailure> => {
    const where = `${address.origin}${address.root}${path}`;
    const totalMs = Math.min(options.totalMs, 10_000);
    const result = await http.send({ method: "GET", path: `${address.root}${path}${address.query}`, totalMs, signal });
    if (result.kind === "failed") return transportFailure(result.failure, redact, where);
    if (result.status >= 200 && result.status < 300) return { text: result.text };
    return statusFailure(result, shownText(result.text, redact), where, options.clock.now());
  };
}
