import { type Dispatcher, Pool } from "undici";
import { onAbort } from "../../core/on-abort.ts";
import { classifyTransportError, type TransportFailure } from "../../core/transport-failure.ts";

/** Largest body that is read; an answer that is longer is an error. */
const maxBodyBytes = 256 * 1024 * 1024;

export interface HttpRequest {
  method: "GET" | "POST";
  /** Path with query. */
  path: string;
  body?: string;
  firstByteMs?: number;
  totalMs: number;
  signal?: AbortSignal;
  /**
   * Takes the body of a 2xx response piece by piece instead of having it collected; returns whether the first token has
   * arrived, which is what `firstByteMs` then waits for.
   */
  onData?: (chunk: Buffer) => boolean;
}

export interface HttpResponse {
  kind: "response";
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** Empty where `onData` took the body. */
  text: string;
}

export type HttpResult = HttpResponse | { kind: "failed"; failure: TransportFailure };

export interface HttpClient {
  /** Sends one request. Failures are values; an aborted signal rejects with its reason. */
  send(request: HttpRequest): Promise<HttpResult>;
  close(): Promise<void>;
}

/**
 * Kept-alive connections to one origin. The lowest layer of the library is used (a handler, no stream per response):
 * at hundreds of requests in flight the client's CPU time per request is what limits a run.
 */
export function createHttpClient(options: {
  origin: string;
  headers: Record<string, string>;
  connectMs: number;
  connections: number;
}): HttpClient {
  const pool = new Pool(options.origin, {
    connections: options.connections,
    pipelining: 1,
    connect: { timeout: options.connectMs },
    // Our own timers say which limit was reached.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const getHeaders = Object.entries(options.headers).flat();
  const postHeaders = [...getHeaders, "content-type", "application/json"];
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        if (request.signal?.aborted) return reject(request.signal.reason);
        const exchange = new Exchange(request, resolve, reject);
        pool.dispatch(
          {
            method: request.method,
            path: request.path,
            headers: request.body === undefined ? getHeaders : postHeaders,
            body: request.body ?? null,
          },
          exchange,
        );
      }),
    close: () => pool.destroy(),
  };
}

/** One request and its response, as the handler the pool reports to. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: HttpRequest;
  readonly #resolve: (result: HttpResult) => void;
  readonly #totalTimer: NodeJS.Timeout;
  #firstTimer: NodeJS.Timeout | undefined;
  readonly #forget: () => void;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #status = 0;
  #headers: HttpResponse["headers"] = {};
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(request: HttpRequest, resolve: (result: HttpResult) => void, reject: (reason: unknown) => void) {
    this.#request = request;
    this.#resolve = resolve;
    const { totalMs, firstByteMs } = request;
    this.#totalTimer = setTimeout(() => this.#fail({ kind: "timeout", limit: "total", ms: totalMs }), totalMs);
    if (firstByteMs !== undefined && firstByteMs < totalMs) {
      this.#firstTimer = setTimeout(
        () => this.#fail({ kind: "timeout", limit: "first-token", ms: firstByteMs }),
        firstByteMs,
      );
    }
    this.#forget = onAbort(request.signal, () => {
      this.#settle();
      reject(request.signal?.reason);
      this.#controller?.abort(new Error("aborted"));
    });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // The request was given up while it waited for a connection.
    if (this.#settled) controller.abort(new Error("given up"));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: HttpResponse["headers"]): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    if (this.#request.onData === undefined || status >= 300) clearTimeout(this.#firstTimer);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.#bytes += chunk.length;
    if (this.#bytes > maxBodyBytes) {
      this.#fail({ kind: "too-large", bytes: maxBodyBytes });
    } else if (this.#request.onData !== undefined && this.#status < 300) {
      if (this.#request.onData(chunk)) clearTimeout(this.#firstTimer);
    } else {
      this.#chunks.push(chunk);
    }
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    this.#settle();
    const [first] = this.#chunks;
    const body = this.#chunks.length === 1 ? first! : Buffer.concat(this.#chunks);
    this.#resolve({ kind: "response", status: this.#status, headers: this.#headers, text: body.toString("utf8") });
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.#settled) return;
    this.#settle();
    this.#resolve({ kind: "failed", failure: classifyTransportError(error) });
  }

  #fail(failure: TransportFailure): void {
    if (this.#settled) return;
    this.#settle();
    this.#resolve({ kind: "failed", failure });
    this.#controller?.abort(new Error("given up"));
  }

  #settle(): void {
    this.#settled = true;
    clearTimeout(this.#totalTimer);
    clearTimeout(this.#firstTimer);
    this.#forget();
  }
}
