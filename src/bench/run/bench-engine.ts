import { stableHash } from "../../core/hash.ts";
import type { Engine, GenerateRequest, Generation } from "../../engines/engine.ts";
import type { Store } from "../../store/store.ts";
import type { BenchMode } from "./bench-mode.ts";

/** An engine as a benchmark run uses it: it counts what is in flight, and can ask for log-probabilities with every score. */
export class BenchEngine implements Engine {
  readonly #engine: Engine;
  readonly #asksLogprobs: (request: GenerateRequest) => boolean;
  /** Requests under way. */
  inFlight = 0;

  constructor(engine: Engine, asksLogprobs: (request: GenerateRequest) => boolean = () => false) {
    this.#engine = engine;
    this.#asksLogprobs = asksLogprobs;
  }

  get identity() {
    return this.#engine.identity;
  }

  get capabilities() {
    return this.#engine.capabilities;
  }

  get prefixes() {
    return this.#engine.prefixes;
  }

  get concurrency() {
    return this.#engine.concurrency;
  }

  async generate(request: GenerateRequest, signal?: AbortSignal): Promise<Generation[]> {
    this.inFlight++;
    try {
      return await this.#engine.generate(
        this.#asksLogprobs(request) ? { ...request, logprobs: true } : request,
        signal,
      );
    } finally {
      this.inFlight--;
    }
  }

  /** Closes nothing: the engine belongs to who opened it. */
  async close(): Promise<void> {}
}

/** Whether expected scores need log-probabilities asked for: the engine has them, and no form that gives them anyway. */
export function needsLogprobs(engine: Engine, mode: BenchMode, score: "hard" | "expected"): boolean {
  const { forms, logprobs } = engine.capabilities;
  return logprobs && forms !== "native" && mode !== "pairwise" && score === "hard";
}

/** Whether a request asks for a score: turn 2, or the only turn of mode implicit. */
export function asksForScore({ messages }: GenerateRequest, mode: BenchMode): boolean {
  return mode === "implicit" || messages.length > 1;
}

/**
 * The store under other keys for evaluations, for a judge whose engine adds log-probabilities: it must not find answers
 * that were kept without them.
 */
export function storeWithLogprobs(store: Store): Store {
  const place = (table: Parameters<Store["get"]>[0], key: string) =>
    table === "evaluations" ? stableHash([key, "logprobs"]) : key;
  return {
    get: (table, key) => store.get(table, place(table, key)),
    put: (table, key, value) => store.put(table, place(table, key), value),
    close: () => store.close(),
  };
}
