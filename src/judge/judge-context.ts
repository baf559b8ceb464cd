import { EngineError } from "../core/errors.ts";
import { stableHash } from "../core/hash.ts";
import type { Query } from "../core/query.ts";
import type { Unscored } from "../core/reward.ts";
import type { GenerateRequest, Generation } from "../engines/engine.ts";
import type { JudgeSettings } from "./judge-options.ts";
import { orderedParallel } from "./ordered-parallel.ts";
import { RequestGate } from "./request-gate.ts";

/** Results that may wait for an earlier one in `runAll`. */
const orderWindow = 1024;

/** What the stages of a judge share: its settings, the count of requests under way, and how keys are made. */
export class JudgeContext {
  readonly settings: JudgeSettings;
  readonly gate = new RequestGate();
  /** Everything about this judge that could change an answer; part of every key. */
  readonly #identity: string;

  constructor(settings: JudgeSettings) {
    this.settings = settings;
    const { engine, pack, temperature, topP } = settings;
    this.#identity = stableHash({
      engine: engine.identity,
      forms: engine.capabilities.forms,
      pack: pack.identity,
      temperature,
      topP: temperature === 0 ? undefined : topP,
    });
  }

  /** Key of an answer: the judge, what the answer depends on, its turn's limit, and (where it is drawn) the seed. */
  key(parts: { turn: "criteria" | "evaluation"; seed: number; logprobs?: boolean } & Record<string, unknown>): string {
    const { mode, temperature, maxTokens } = this.settings;
    const seed = temperature === 0 ? undefined : parts.seed;
    return stableHash([this.#identity, { ...parts, seed, mode, maxTokens: maxTokens[parts.turn] }]);
  }

  /**
   * Runs work on a stream of inputs, many at once, in the order of the input. As many requests are kept in flight as the
   * engine has use for, of no more inputs than it keeps prefixes of; memory does not grow with the number of inputs.
   */
  runAll<T, R>(
    inputs: AsyncIterable<T> | Iterable<T>,
    work: (input: T, signal: AbortSignal) => Promise<R>,
    options: { signal?: AbortSignal } = {},
  ): AsyncGenerator<R> {
    return orderedParallel(inputs, work, {
      hasRoom: (running) => {
        const { count, votes } = this.gate;
        const { concurrency, prefixes = Number.POSITIVE_INFINITY } = this.settings.engine;
        // Half of the votes, because about as many wait for criteria as are being evaluated.
        return Math.max(count, votes / 2, running) < concurrency && running < prefixes;
      },
      roomChanged: () => this.gate.changed(),
      window: orderWindow,
      signal: options.signal,
    });
  }

  /** One generation; the engine's failures come back as values. */
  async generate(
    request: Pick<GenerateRequest, "messages" | "maxTokens" | "seed" | "form" | "logprobs" | "affinity">,
    signal: AbortSignal | undefined,
  ): Promise<Generation | Unscored> {
    const { engine, temperature, topP } = this.settings;
    try {
      const [generation] = await this.gate.run(() =>
        engine.generate({ ...request, n: 1, temperature, topP, stop: [] }, signal),
      );
      return generation!;
    } catch (error) {
      if (signal?.aborted || !(error instanceof EngineError)) throw error;
      const reason = error.code === "context-overflow" ? "context-overflow" : "engine-error";
      return { kind: "unscored", reason, detail: error.message };
    }
  }
}

/** Key of a query: requests about it belong to one replica and one group. */
export function queryKey(query: Query): string {
  return stableHash(query.messages);
}
