import { type Clock, systemClock } from "../../core/clock.ts";
import { InputError } from "../../core/errors.ts";
import type { Random } from "../../core/random.ts";

/** What a server understands beyond plain chat completions. `plain` sends no forms. */
export type Dialect = "openai" | "vllm" | "sglang" | "llama-server" | "plain";

export const dialects: readonly Dialect[] = ["openai", "vllm", "sglang", "llama-server", "plain"];

export interface OpenAIEngineOptions {
  /** Address of the server, with or without `/v1`. */
  baseUrl: string;
  /** Name of the model as the server knows it. Default: the server's model, if it has exactly one. */
  model?: string;
  /** Sent as a bearer token. Default: `CERM_API_KEY`, then `OPENAI_API_KEY` of the environment. `""` sends none. */
  apiKey?: string;
  /** Further headers of every request. */
  headers?: Record<string, string>;
  /** Members merged into every request's body, e.g. `{chat_template_kwargs: {enable_thinking: false}}`. */
  extraBody?: Record<string, unknown>;
  /** Default `"auto"`: asked from the server; an unknown server is `plain`. */
  dialect?: Dialect | "auto";
  timeouts?: TimeoutOptions;
  /**
   * Ask for answers as a stream. Default: only where `timeouts.firstTokenMs` is given, because a stream costs about
   * twice the CPU time of a plain answer.
   */
  stream?: boolean;
  /** How often one request is tried, the first time included. Default 8. */
  maxAttempts?: number;
  /** Upper bound of requests in flight. Default 512. */
  maxConcurrency?: number;
  /** Requests in flight at the start, doubled with every round trip until the first refusal. Default 32. */
  startConcurrency?: number;
  /** Whether a server that cannot be reached is tried again. Default true; a pool of servers says no and moves on. */
  retryUnreachable?: boolean;
  /** Ends the opening, which asks the server for its model and kind. What is asked later has signals of its own. */
  signal?: AbortSignal;
  /** Default: the process's environment. Only the key's variables are read. */
  environment?: Record<string, string | undefined>;
  /** Default: the machine's clock. Waits between attempts and `Retry-After` dates use it. */
  clock?: Clock;
  /** Source of jitter. Default `Math.random`. */
  random?: Random;
}

export interface TimeoutOptions {
  /** To open a connection, TLS included. Default 10,000. */
  connectMs?: number;
  /**
   * Streamed answers: from sending the request to the first token. Plain answers: to the response's headers, which
   * servers send when the whole answer is there. Default: no limit but `totalMs`.
   */
  firstTokenMs?: number;
  /** From sending the request to the end of the answer. Default 600,000. */
  totalMs?: number;
}

/** Options with every default filled in. */
export interface ResolvedOptions {
  apiKey: string;
  headers: Record<string, string>;
  extraBody: Record<string, unknown>;
  connectMs: number;
  firstTokenMs: number | undefined;
  totalMs: number;
  stream: boolean;
  maxAttempts: number;
  maxConcurrency: number;
  startConcurrency: number;
  retryUnreachable: boolean;
  clock: Clock;
  random: Random;
}

/** Fills in defaults. Throws an `InputError` for a value that makes no sense. */
export function resolveOptions(options: OpenAIEngineOptions): ResolvedOptions {
  const environment = options.environment ?? process.env;
  const timeouts = options.timeouts ?? {};
  if (options.dialect !== undefined && options.dialect !== "auto" && !dialects.includes(options.dialect)) {
    throw new InputError(`is "${options.dialect}"; use auto, ${dialects.join(", ")}`, { field: "dialect" });
  }
  const maxConcurrency = atLeast(1, "maxConcurrency", options.maxConcurrency ?? 512);
  return {
    apiKey: (options.apiKey ?? (environment.CERM_API_KEY || environment.OPENAI_API_KEY || "")).trim(),
    headers: options.headers ?? {},
    extraBody: options.extraBody ?? {},
    connectMs: atLeast(1, "timeouts.connectMs", timeouts.connectMs ?? 10_000),
    firstTokenMs:
      timeouts.firstTokenMs === undefined ? undefined : atLeast(1, "timeouts.firstTokenMs", timeouts.firstTokenMs),
    totalMs: atLeast(1, "timeouts.totalMs", timeouts.totalMs ?? 600_000),
    stream: options.stream ?? timeouts.firstTokenMs !== undefined,
    maxAttempts: atLeast(1, "maxAttempts", options.maxAttempts ?? 8),
    maxConcurrency,
    startConcurrency: Math.min(maxConcurrency, atLeast(1, "startConcurrency", options.startConcurrency ?? 32)),
    retryUnreachable: options.retryUnreachable ?? true,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
}

function atLeast(least: number, field: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new InputError(`is ${value}; it must be a whole number of at least ${least}`, { field });
  }
  return value;
}
