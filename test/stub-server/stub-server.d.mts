import type { IncomingHttpHeaders } from "node:http";

/** Shares of requests (0-1) that fail in each way; drawn one after the other from the seed in order of arrival. */
export interface StubFaults {
  status429?: number;
  status500?: number;
  /** Never answered. */
  hang?: number;
  /** The connection ends in the middle of the body. */
  cutBody?: number;
  /** A complete response whose body is not JSON. */
  malformedJson?: number;
  /** A well-formed completion whose text holds no criteria and no score. */
  malformedText?: number;
}

/** A chat completion's body as it arrived. */
export interface StubBody {
  model: string;
  messages: { role: string; content: string }[];
  temperature?: number;
  seed?: number;
  n?: number;
  max_tokens?: number;
  stream?: boolean;
  [member: string]: unknown;
}

export interface StubCall {
  method: string;
  path: string;
  /** Path and query. */
  url: string;
  headers: IncomingHttpHeaders;
  body: StubBody | undefined;
  /** How many completions had arrived before. */
  index: number;
}

/** A response written as it is. A text body is sent verbatim. */
export interface StubResponse {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  hang?: boolean;
  cut?: boolean;
}

export interface StubOptions {
  /** Milliseconds before every completion. Default 0. */
  latencyMs?: number;
  faults?: StubFaults;
  /** Content of a choice; undefined gives the pretended judge's. */
  reply?: (body: StubBody, index: number) => string | undefined;
  /** Takes any request before everything else; undefined leaves it to the stub. */
  respond?: (call: StubCall) => StubResponse | undefined;
  /** Hears of every completion that is asked for, and of the fault it is given. */
  onCompletion?: (call: StubCall, fault: keyof StubFaults | undefined) => void;
  /** Default 1. */
  seed?: number;
  /** Adds the authorization header to error bodies. */
  echoKey?: boolean;
  /** Refuses other keys with 401. */
  apiKey?: string;
  /** Completions in flight above this get 429. */
  capacity?: number;
  /** Gives one choice whatever `n` is. */
  ignoreN?: boolean;
  /** Default: one model, `stub-judge`. */
  models?: { id: string; owned_by?: string }[];
  ownedBy?: string;
  /** Answer of `/version`; without it 404. */
  version?: string;
  /** Answer of `/props`; without it 404. */
  props?: unknown;
  /** Keeps every request in `requests`. */
  keepRequests?: boolean;
  /** Default: any free one. */
  port?: number;
}

export interface StubServer {
  /** Without `/v1`. */
  readonly url: string;
  readonly port: number;
  readonly counts: Record<
    "requests" | "completions" | "replies" | "connections" | "streamed" | keyof Required<StubFaults>,
    number
  >;
  readonly requests: StubCall[];
  /** Most completions that were in flight at once. */
  readonly mostInFlight: number;
  /** Ends all connections, those that hang too. */
  close(): Promise<void>;
}

/** Starts a stub of an OpenAI-compatible server on loopback. */
export function startStubServer(options?: StubOptions): Promise<StubServer>;
