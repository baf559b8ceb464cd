import { type Clock, systemClock } from "../../core/clock.ts";
import { InputError } from "../../core/errors.ts";
import type { Random } from "../../core/random.ts";
import type { Engine, EngineIdentity } from "../engine.ts";
import { parseBaseUrl } from "../openai/base-url.ts";
import { createOpenAIEngine, type OpenAIEngine } from "../openai/create-openai-engine.ts";
import type { OpenAIEngineOptions } from "../openai/options.ts";
import { PoolEngine } from "./pool-engine.ts";
import { Replica } from "./replica.ts";

export interface PoolOptions {
  /** Base URLs, or engines that are already there. All must serve the same model. */
  replicas: (string | Engine)[];
  /** Options of the engines made for base URLs; `maxAttempts` is 3 where it is not given, the pool goes on from there. */
  engine?: Omit<OpenAIEngineOptions, "baseUrl" | "retryUnreachable">;
  /** A replica takes at most this many times the average load before a query moves on. Default 1.25. */
  loadFactor?: number;
  /** Requests in flight up to which a replica never counts as overloaded. Default 8. */
  spareLoad?: number;
  /** How often all replicas are gone through before a request fails. Default 5. */
  rounds?: number;
  /** Default: the machine's clock. */
  clock?: Clock;
  /** Source of jitter. Default `Math.random`. */
  random?: Random;
}

/**
 * Several replicas as one engine. Requests of one affinity go to one replica (rendezvous hashing with bounded load,
 * Mirrokni, Thorup and Zadimoghaddam 2018), to the next one while it is down or overloaded, and back when it is there
 * again. A replica is down when it cannot be reached or fails three times in a row; it is probed after 1 s, then after
 * pauses that double up to 30 s.
 *
 * One replica has to answer at the start; others may come later. Throws an `InputError` that names both where two
 * replicas serve different models, and the `EngineError` of the last one where none answers.
 */
export async function createPool(options: PoolOptions): Promise<Engine> {
  if (options.replicas.length === 0)
    throw new InputError("is empty; give at least one base URL", { field: "replicas" });
  const clock = options.clock ?? systemClock;
  const agreed: { identity?: EngineIdentity; name?: string } = {};
  // A replica that comes later is not part of the opening.
  const opening = { signal: options.engine?.signal };
  const agree = (name: string, engine: Engine) => {
    agreed.identity ??= engine.identity;
    agreed.name ??= name;
    if (agreed.identity.model !== engine.identity.model || agreed.identity.engine !== engine.identity.engine) {
      throw new InputError(
        `replicas must serve one model: ${agreed.name} serves "${agreed.identity.model}", ${name} serves "${engine.identity.model}"`,
        { field: "replicas" },
      );
    }
  };
  const names = new Set<string>();
  const replicas = options.replicas.map((each, index) => {
    if (typeof each !== "string") {
      agree(`replica ${index + 1}`, each);
      // There is no way to ask any engine whether it is there: the next request is the probe.
      return new Replica({ name: `replica ${index + 1}`, clock, engine: each, connect: async () => each });
    }
    const { shown } = parseBaseUrl(each);
    // Keys follow the name, so the order of the URLs does not matter; only equal ones need a number.
    const name = names.has(shown) ? `${shown} (${index + 1})` : shown;
    names.add(name);
    const connect = connectUrl(
      each,
      () => ({ clock, maxAttempts: 3, ...options.engine, ...opening }),
      (engine) => agree(name, engine),
    );
    return new Replica({ name, clock, connect });
  });
  const started = await Promise.allSettled(replicas.map((replica) => replica.start()));
  opening.signal = undefined;
  const fatal = started.find((each) => each.status === "rejected");
  const noneUp = replicas.every((replica) => !replica.isUp);
  if (fatal !== undefined || noneUp) {
    await Promise.allSettled(replicas.map((replica) => replica.close()));
    throw fatal?.reason ?? replicas.at(-1)!.lastError;
  }
  return new PoolEngine(replicas, agreed.identity!, {
    loadFactor: options.loadFactor ?? 1.25,
    spareLoad: options.spareLoad ?? 8,
    rounds: options.rounds ?? 5,
    clock,
    random: options.random ?? Math.random,
  });
}

/** Makes the engine of a base URL the first time, and asks whether it is there from then on. */
function connectUrl(
  baseUrl: string,
  options: () => Omit<OpenAIEngineOptions, "baseUrl">,
  check: (engine: Engine) => void,
): () => Promise<Engine> {
  let made: OpenAIEngine | undefined;
  return async () => {
    if (made !== undefined) {
      await made.probe();
      return made;
    }
    const engine = await createOpenAIEngine({ ...options(), baseUrl, retryUnreachable: false });
    try {
      check(engine);
    } catch (error) {
      await engine.close();
      throw error;
    }
    made = engine;
    return engine;
  };
}
