import type { Dispatcher } from "undici";
import { type Clock, systemClock } from "../core/clock.ts";
import { InputError } from "../core/errors.ts";
import type { Random } from "../core/random.ts";

export interface TinkerOptions {
  /** Address of the server, with or without `/api/v1`, e.g. `http://localhost:8000`. */
  baseUrl: string;
  /** Sent as `X-API-Key`. Default: `TINKER_API_KEY` of the environment. `""` sends none. */
  apiKey?: string;
  /** Default: the process's environment. Only the key's variable is read. */
  environment?: Record<string, string | undefined>;
  /** Further headers of every request. */
  headers?: Record<string, string>;
  /**
   * How training data are sent. Default `"protobuf"`, which SkyRL from 0.4.0 and the hosted service ask for; `"json"` for
   * older servers. Answers are read by their content type either way.
   */
  requestFormat?: "protobuf" | "json";
  /**
   * Whether the server recognises a training call that is sent again by its sequence number, so that a call whose answer
   * was lost may be repeated. True of SkyRL from 0.4.0 and of the hosted service; false makes a lost answer an error that
   * says to resume from a checkpoint. Default: true with protobuf, false with JSON.
   */
  repeatSubmissions?: boolean;
  timeouts?: TinkerTimeouts;
  /** How often one request is tried, the first time included, where trying again is safe. Default 8. */
  maxAttempts?: number;
  /** Milliseconds between heartbeats of the session. Default 10,000. */
  heartbeatMs?: number;
  /** Tags of the session, shown in the service's console. */
  tags?: string[];
  /** Default: the machine's clock. Waits between attempts and heartbeats use it. */
  clock?: Clock;
  /** Source of jitter. Default `Math.random`. */
  random?: Random;
  /** Connections to use, e.g. undici's `ProxyAgent`. Default: an own pool, closed with the client. */
  dispatcher?: Dispatcher;
  /** Gets single lines worth knowing: a session the server forgot, a server that is waited for. */
  say?: (line: string) => void;
}

export interface TinkerTimeouts {
  /** To open a connection. Default 10,000. */
  connectMs?: number;
  /** From sending a request to the start and the end of its answer. Default 120,000. */
  requestMs?: number;
  /** How long one question for a result is held before it is asked again. Default 60,000. */
  pollMs?: number;
  /** How long a result may take in all. Default 3,600,000. */
  resultMs?: number;
}

/** Options with every default filled in. */
export interface ResolvedTinkerOptions {
  apiKey: string;
  headers: Record<string, string>;
  requestFormat: "protobuf" | "json";
  repeatSubmissions: boolean;
  connectMs: number;
  requestMs: number;
  pollMs: number;
  resultMs: number;
  maxAttempts: number;
  heartbeatMs: number;
  tags: string[];
  clock: Clock;
  random: Random;
  dispatcher: Dispatcher | undefined;
  say: (line: string) => void;
}

/** Fills in defaults. Throws an `InputError` for a value that makes no sense. */
export function resolveTinkerOptions(options: TinkerOptions): ResolvedTinkerOptions {
  const timeouts = options.timeouts ?? {};
  const environment = options.environment ?? process.env;
  const requestFormat = options.requestFormat ?? "protobuf";
  return {
    apiKey: (options.apiKey ?? environment.TINKER_API_KEY ?? "").trim(),
    headers: options.headers ?? {},
    requestFormat,
    repeatSubmissions: options.repeatSubmissions ?? requestFormat === "protobuf",
    connectMs: positive("timeouts.connectMs", timeouts.connectMs ?? 10_000),
    requestMs: positive("timeouts.requestMs", timeouts.requestMs ?? 120_000),
    pollMs: positive("timeouts.pollMs", timeouts.pollMs ?? 60_000),
    resultMs: positive("timeouts.resultMs", timeouts.resultMs ?? 3_600_000),
    maxAttempts: positive("maxAttempts", options.maxAttempts ?? 8),
    heartbeatMs: positive("heartbeatMs", options.heartbeatMs ?? 10_000),
    tags: options.tags ?? [],
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    dispatcher: options.dispatcher,
    say: options.say ?? (() => {}),
  };
}

function positive(field: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new InputError(`is ${value}; it must be a whole number of at least 1`, { field });
  }
  return value;
}
