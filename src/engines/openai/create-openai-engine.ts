import { EngineError } from "../../core/errors.ts";
import { stableHash } from "../../core/hash.ts";
import { onAbort } from "../../core/on-abort.ts";
import { deriveSeed } from "../../core/random.ts";
import { makeRedactor } from "../../core/redact.ts";
import { backoffMs } from "../../core/retry.ts";
import type { Engine, EngineCapabilities, GenerateRequest, Generation } from "../engine.ts";
import { AdaptiveWindow } from "./adaptive-window.ts";
import { attemptCompletion, type CompletionContext } from "./attempt-completion.ts";
import type { AttemptFailure } from "./attempt-failure.ts";
import { parseBaseUrl } from "./base-url.ts";
import { makeGet, requestHeaders, secretsOf } from "./connection.ts";
import { detectServer } from "./detect-server.ts";
import { createHttpClient } from "./http-client.ts";
import { type OpenAIEngineOptions, resolveOptions } from "./options.ts";
import { takesForms } from "./request-body.ts";
import { initialTraits } from "./server-traits.ts";

/** An engine on one server, with what a pool asks beyond `Engine`. */
export interface OpenAIEngine extends Engine {
  /** Resolves when the server answers; rejects with the `EngineError` that says why not. One attempt. */
  probe(signal?: AbortSignal): Promise<void>;
}

/**
 * An engine on a server that speaks OpenAI's chat completions (vLLM, SGLang, llama-server, Ollama, hosted APIs). The
 * server is asked for its model and kind where they are not given; that throws an `EngineError` when it does not answer
 * and an `InputError` when an option is wrong.
 *
 * Requests are repeated on 408, 409, 425, 429, 5xx, dropped or malformed answers and timeouts. How many are in flight is
 * found by additive increase and multiplicative decrease, the rest wait in line.
 *
 * @example
 * const engine = await createOpenAIEngine({ baseUrl: "http://localhost:8000/v1" });
 */
export async function createOpenAIEngine(options: OpenAIEngineOptions): Promise<OpenAIEngine> {
  const resolved = resolveOptions(options);
  const address = parseBaseUrl(options.baseUrl);
  const redact = makeRedactor(secretsOf(resolved, address));
  const http = createHttpClient({
    origin: address.origin,
    headers: requestHeaders(resolved, address),
    connectMs: resolved.connectMs,
    connections: resolved.maxConcurrency,
  });
  const get = makeGet(http, address, resolved, redact);
  try {
    const host = new URL(address.origin).hostname;
    const server = await detectServer((path) => get(path, options.signal), {
      model: options.model,
      dialect: options.dialect,
      where: address.shown,
      host,
    });
    const context: CompletionContext = {
      http,
      traits: initialTraits(server.dialect, server.vllmGuided),
      model: server.model,
      path: `${address.root}/v1/chat/completions${address.query}`,
      where: address.shown,
      redact,
      options: resolved,
    };
    return new Server(context, async (signal) => {
      const answer = await get("/v1/models", signal);
      // Any answer but an overloaded or failing server's shows that it is there; some have no list.
      if ("error" in answer && answer.error.retryable) throw answer.error;
      if ("error" in answer && answer.error.status === undefined) throw answer.error;
    });
  } catch (error) {
    await http.close();
    throw error;
  }
}

class Server implements OpenAIEngine {
  readonly identity: { engine: string; model: string };
  readonly probe: (signal?: AbortSignal) => Promise<void>;
  readonly #context: CompletionContext;
  readonly #window: AdaptiveWindow;

  constructor(context: CompletionContext, probe: (signal?: AbortSignal) => Promise<void>) {
    const { extraBody, startConcurrency, maxConcurrency } = context.options;
    this.#context = context;
    this.probe = probe;
    this.#window = new AdaptiveWindow({ start: startConcurrency, max: maxConcurrency });
    // Members of the body change what the model answers (thinking on or off), so they are part of what is cached.
    const suffix = Object.keys(extraBody).length === 0 ? "" : `+body:${stableHash(extraBody).slice(0, 12)}`;
    this.identity = { engine: "openai", model: context.model + suffix };
  }

  get capabilities(): EngineCapabilities {
    const { traits } = this.#context;
    return {
      forms: takesForms(traits) ? "grammar" : "none",
      logprobs: traits.logprobs,
      // Both keep a tree of prefixes by default.
      sharedPrefix: traits.dialect === "vllm" || traits.dialect === "sglang",
      tokens: false,
    };
  }

  get concurrency(): number {
    return this.#window.size;
  }

  async generate(request: GenerateRequest, signal?: AbortSignal): Promise<Generation[]> {
    // Greedy answers are asked for one by one: some servers refuse several in one request.
    const together = request.n > 1 && request.temperature > 0 && this.#context.traits.manyChoices;
    if (request.n === 1 || together) {
      const first = await this.#complete(request, request.n, request.seed, signal);
      return first.length === request.n ? first : [...first, ...(await this.#each(request, first.length, signal))];
    }
    return this.#each(request, 0, signal);
  }

  close(): Promise<void> {
    return this.#context.http.close();
  }

  /** Generations `from` to n, one request each. Generation 0 keeps the request's seed, the others get derived ones. */
  async #each(request: GenerateRequest, from: number, signal?: AbortSignal): Promise<Generation[]> {
    if (signal?.aborted) throw signal.reason;
    const failed = new AbortController();
    const forget = onAbort(signal, () => failed.abort(signal?.reason));
    const asked = Array.from({ length: request.n - from }, async (_, offset) => {
      const index = from + offset;
      const seed = index === 0 ? request.seed : deriveSeed(request.seed, index);
      const [generation] = await this.#complete(request, 1, seed, failed.signal);
      return generation!;
    });
    try {
      return await Promise.all(asked);
    } catch (error) {
      failed.abort(error);
      await Promise.allSettled(asked);
      throw error;
    } finally {
      forget();
    }
  }

  /** One request with its further attempts. Gives n generations, or one where the server turns out to give only one. */
  async #complete(request: GenerateRequest, n: number, seed: number, signal?: AbortSignal): Promise<Generation[]> {
    const { options } = this.#context;
    let started: number | undefined;
    for (let attempt = 1; ; attempt++) {
      const permit = await this.#window.acquire(signal);
      started ??= options.clock.now();
      let result: Generation[] | AttemptFailure | undefined;
      try {
        result = await attemptCompletion(this.#context, request, { n, seed, started, signal });
      } finally {
        const congested = result !== undefined && "congested" in result && result.congested;
        const outcome = congested ? "congested" : Array.isArray(result) ? "success" : "other";
        this.#window.release(permit, outcome);
      }
      if (Array.isArray(result)) return result;
      const { error, retryAfterMs } = result;
      const giveUp = !error.retryable || (error.code === "unreachable" && !options.retryUnreachable);
      if (giveUp) throw error;
      if (attempt >= options.maxAttempts) throw exhausted(error, attempt);
      await options.clock.sleep(backoffMs(attempt, options.random, retryAfterMs), signal);
    }
  }
}

function exhausted(error: EngineError, attempts: number): EngineError {
  if (attempts === 1) return error;
  return new EngineError(`${error.message} (attempt ${attempts} of ${attempts})`, {
    retryable: true,
    code: error.code,
    ...(error.status === undefined ? {} : { status: error.status }),
  });
}
