import type { Readable } from "node:stream";
import { type Dispatcher, EnvHttpProxyAgent, request } from "undici";
import { InputError } from "../../core/errors.ts";
import { ModelError, systemCode } from "./model-error.ts";

/** Environment variables by name. */
export type Environment = Record<string, string | undefined>;

export interface HubClientOptions {
  /** Reads `HF_TOKEN`, `HF_ENDPOINT` and `HF_HUB_OFFLINE`; proxies (`HTTPS_PROXY`, ...) are read by the default dispatcher. */
  env: Environment;
  /** The hub's address; default `HF_ENDPOINT`, else `https://huggingface.co`. */
  hubUrl?: string;
  /** Carries the requests; the caller closes it. Default: one made for this client. */
  dispatcher?: Dispatcher;
  /** Milliseconds to open a connection, with the default dispatcher. Default 10,000. */
  connectTimeoutMs?: number;
  /** Milliseconds for a response to begin. Default 30,000. */
  headersTimeoutMs?: number;
  /** Milliseconds without a byte after which a body counts as cut. Default 60,000. */
  bodyTimeoutMs?: number;
}

/** An answer of the hub, after redirects. */
export interface HubResponse {
  status: number;
  headers: Record<string, string | undefined>;
  body: Readable & { text(): Promise<string>; dump(): Promise<void> };
}

const maxRedirects = 8;

/** Requests to a Hugging Face hub. Close it when done. */
export class HubClient {
  /** The hub's address without a slash at its end. */
  readonly url: string;
  readonly hasToken: boolean;
  readonly #token: string | undefined;
  readonly #offline: string | undefined;
  readonly #dispatcher: Dispatcher;
  readonly #ownsDispatcher: boolean;
  readonly #timeouts: { headersTimeout: number; bodyTimeout: number };

  constructor(options: HubClientOptions) {
    this.url = readUrl(options);
    this.#token = readToken(options.env);
    this.hasToken = this.#token !== undefined;
    const offline = options.env.HF_HUB_OFFLINE;
    this.#offline = /^(1|on|yes|true)$/i.test(offline ?? "") ? offline : undefined;
    this.#ownsDispatcher = options.dispatcher === undefined;
    this.#dispatcher =
      options.dispatcher ?? new EnvHttpProxyAgent({ connect: { timeout: options.connectTimeoutMs ?? 10_000 } });
    this.#timeouts = {
      headersTimeout: options.headersTimeoutMs ?? 30_000,
      bodyTimeout: options.bodyTimeoutMs ?? 60_000,
    };
  }

  /**
   * GETs a path of the hub and follows redirects; any status comes back. The token goes to the hub's own origin only. Throws a
   * `ModelError` `hub-unreachable` or `hub-offline`, or the signal's reason.
   */
  async get(
    path: string,
    options: { headers?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<HubResponse> {
    options.signal?.throwIfAborted();
    if (this.#offline !== undefined)
      throw new ModelError(
        "hub-offline",
        `HF_HUB_OFFLINE=${this.#offline} forbids asking the hub. Unset it, or use a pulled model (cerm models list)`,
      );
    let url = new URL(`${this.url}${path}`);
    for (let hop = 0; hop <= maxRedirects; hop++) {
      const response = await this.#send(url, options);
      const location = response.headers.location;
      if (response.status < 300 || response.status >= 400 || location === undefined) return response;
      await response.body.dump();
      url = new URL(location, url);
    }
    throw new ModelError("hub-error", `${this.url}${path}: more than ${maxRedirects} redirects. Check HF_ENDPOINT`);
  }

  async close(): Promise<void> {
    // What is still running belongs to a caller that has given up: waiting for it could last.
    if (this.#ownsDispatcher) await this.#dispatcher.destroy();
  }

  async #send(url: URL, options: { headers?: Record<string, string>; signal?: AbortSignal }): Promise<HubResponse> {
    const headers: Record<string, string> = { "user-agent": "cerm", ...options.headers };
    if (this.#token !== undefined && url.origin === new URL(this.url).origin)
      headers.authorization = `Bearer ${this.#token}`;
    try {
      const response = await request(url, {
        dispatcher: this.#dispatcher,
        headers,
        signal: options.signal,
        ...this.#timeouts,
      });
      const flat = Object.entries(response.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value[0] : value,
      ]);
      return {
        status: response.statusCode,
        headers: Object.fromEntries(flat),
        body: response.body as HubResponse["body"],
      };
    } catch (error) {
      options.signal?.throwIfAborted();
      throw unreachable(url, error);
    }
  }
}

/** The error for a connection that could not be made. */
export function unreachable(url: URL, error: unknown): ModelError {
  return networkError(`${url.host} cannot be reached (${reasonOf(error)}).`, error);
}

/** The error for a connection that was lost during a download; `kept` says what becomes of what has come. */
export function connectionLost(url: URL, error: unknown, kept: string): ModelError {
  return networkError(`the connection to ${url.host} was lost (${reasonOf(error)}). ${kept}`, error);
}

function networkError(what: string, cause: unknown): ModelError {
  const advice = "Check the network and HTTPS_PROXY, set HF_ENDPOINT to a mirror, or use a local file (file:PATH)";
  return new ModelError("hub-unreachable", `${what} ${advice}`, { retryable: true, cause });
}

function reasonOf(error: unknown): string {
  // The error of several addresses that all failed has an empty message.
  const parts = [systemCode(error) ?? systemCode((error as Error).cause), (error as Error).message];
  return parts.filter((part) => part !== undefined && part !== "").join(": ") || "no reason given";
}

function readUrl(options: HubClientOptions): string {
  const text = options.hubUrl ?? (options.env.HF_ENDPOINT || "https://huggingface.co");
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol))
    throw new InputError(`got ${JSON.stringify(text)}, expected an address such as https://huggingface.co`, {
      field: "HF_ENDPOINT",
    });
  return text.replace(/\/+$/, "");
}

function readToken(env: Environment): string | undefined {
  const token = env.HF_TOKEN?.trim();
  if (token === undefined || token === "") return undefined;
  // Said here without its value; the HTTP client would put it into its error.
  if (!/^[\x21-\x7e]+$/.test(token)) throw new InputError("holds a character that no token has", { field: "HF_TOKEN" });
  return token;
}
