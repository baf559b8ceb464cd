import { setMaxListeners } from "node:events";
import { Agent, type Dispatcher, request } from "undici";
import { isSecretHeader, makeRedactor } from "../core/redact.ts";
import { classifyTransportError, type TransportFailure } from "../core/transport-failure.ts";
import type { ResolvedTinkerOptions } from "./options.ts";
import type { TinkerAddress } from "./server-address.ts";

export interface HttpCall {
  method: "GET" | "POST" | "DELETE";
  /** Below the server's `/api/v1`. */
  path: string;
  body?: Uint8Array | string;
  headers?: Record<string, string>;
  /** Limit of the wait for the answer's start, and of every wait for more of it. */
  timeoutMs: number;
  signal?: AbortSignal;
}

export interface HttpAnswer {
  kind: "answer";
  status: number;
  /** Without parameters, in lower case. */
  contentType: string;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

export type HttpResult = HttpAnswer | { kind: "failed"; failure: TransportFailure };

export interface Http {
  /** Address that messages name, without secrets. */
  readonly root: string;
  /** Sends one request. Failures are values; an aborted signal rejects with its reason. */
  send(call: HttpCall): Promise<HttpResult>;
  /** A GET of any address, its body as a stream. The key goes only to the server itself. */
  open(url: string, timeoutMs: number, signal?: AbortSignal): Promise<Dispatcher.ResponseData>;
  /** Takes secrets out of a text. */
  redact(text: string): string;
  close(): Promise<void>;
}

/** Requests to one Tinker server over kept-alive connections: questions for results are held open, so there is no limit to their number. */
export function createHttp(address: TinkerAddress, options: ResolvedTinkerOptions): Http {
  const own = options.dispatcher === undefined ? new Agent({ connect: { timeout: options.connectMs } }) : undefined;
  const dispatcher = options.dispatcher ?? own!;
  const headers: Record<string, string> = { ...options.headers };
  if (address.basicAuth !== undefined) headers.authorization = address.basicAuth;
  if (options.apiKey !== "") headers["x-api-key"] = options.apiKey;
  const { origin } = new URL(address.root);
  return {
    root: address.root,
    redact: makeRedactor([options.apiKey, ...address.secrets, ...secretValues(options.headers)]),
    send: async ({ method, path, body, headers: own, timeoutMs, signal }) => {
      // As many listeners as there are requests under way; Node would report a leak above ten.
      if (signal !== undefined) setMaxListeners(0, signal);
      try {
        const answer = await request(`${address.root}${path}`, {
          ...{ dispatcher, method, body, signal },
          headers: { ...headers, ...own },
          ...{ headersTimeout: timeoutMs, bodyTimeout: timeoutMs },
        });
        const bytes = Buffer.from(await answer.body.arrayBuffer());
        const contentType = String(answer.headers["content-type"] ?? "").split(";")[0]!;
        return {
          ...{ kind: "answer", status: answer.statusCode, headers: answer.headers, body: bytes },
          contentType: contentType.trim().toLowerCase(),
        };
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        return { kind: "failed", failure: failureOf(error as Error, timeoutMs) };
      }
    },
    open: (url, timeoutMs, signal) =>
      request(url, {
        ...{ dispatcher, signal, headersTimeout: timeoutMs, bodyTimeout: timeoutMs },
        headers: new URL(url).origin === origin ? headers : {},
      }),
    close: async () => own?.destroy(),
  };
}

/** "Bearer xyz" is a secret as a whole and in its second word. */
function secretValues(headers: Record<string, string>): string[] {
  const secret = Object.entries(headers).filter(([name]) => isSecretHeader(name));
  return secret.flatMap(([, value]) => [value, ...value.split(/\s+/).slice(1)]);
}

function failureOf(error: Error, timeoutMs: number): TransportFailure {
  const { code } = error as { code?: string };
  if (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT") {
    return { kind: "timeout", limit: "total", ms: timeoutMs };
  }
  return classifyTransportError(error);
}
