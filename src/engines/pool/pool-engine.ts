import type { Clock } from "../../core/clock.ts";
import { EngineError, InputError } from "../../core/errors.ts";
import { stableHash } from "../../core/hash.ts";
import type { Random } from "../../core/random.ts";
import { backoffMs } from "../../core/retry.ts";
import type { Engine, EngineCapabilities, EngineIdentity, GenerateRequest, Generation } from "../engine.ts";
import { rankReplicas } from "./rendezvous.ts";
import { isReplicaFailure, type Replica } from "./replica.ts";

export interface PoolSettings {
  loadFactor: number;
  spareLoad: number;
  rounds: number;
  clock: Clock;
  random: Random;
}

/** Replicas as one engine; see `createPool`. */
export class PoolEngine implements Engine {
  readonly identity: EngineIdentity;
  readonly #replicas: Replica[];
  readonly #names: string[];
  readonly #settings: PoolSettings;

  constructor(replicas: Replica[], identity: EngineIdentity, settings: PoolSettings) {
    if (!(settings.loadFactor >= 1)) {
      throw new InputError(`is ${settings.loadFactor}; it must be at least 1`, { field: "loadFactor" });
    }
    this.#replicas = replicas;
    this.#names = replicas.map((replica) => replica.name);
    this.#settings = settings;
    this.identity = identity;
  }

  /** What all replicas that have answered can do. */
  get capabilities(): EngineCapabilities {
    const all = this.#replicas.flatMap((replica) => replica.engine?.capabilities ?? []);
    const forms = (["none", "grammar", "native"] as const).find((each) => all.some((one) => one.forms === each));
    return {
      forms: forms ?? "none",
      logprobs: all.every((one) => one.logprobs),
      sharedPrefix: all.every((one) => one.sharedPrefix),
      tokens: all.every((one) => one.tokens),
    };
  }

  get concurrency(): number {
    const up = this.#replicas.filter((replica) => replica.isUp);
    return Math.max(
      1,
      up.reduce((sum, replica) => sum + replica.engine!.concurrency, 0),
    );
  }

  async generate(request: GenerateRequest, signal?: AbortSignal): Promise<Generation[]> {
    const { rounds, random } = this.#settings;
    const ranked = rankReplicas(affinityKey(request), this.#names).map((index) => this.#replicas[index]!);
    let lastError: unknown;
    for (let round = 1; ; round++) {
      const tried = new Set<Replica>();
      for (;;) {
        signal?.throwIfAborted();
        for (const replica of this.#replicas) void replica.probeIfDue();
        const replica = this.#choose(ranked, tried);
        if (replica === undefined) break;
        tried.add(replica);
        replica.inFlight++;
        try {
          const generations = await replica.engine!.generate(request, signal);
          replica.succeeded();
          return generations;
        } catch (error) {
          if (signal?.aborted) throw signal.reason;
          replica.failed(error);
          if (!isReplicaFailure(error)) throw error;
          lastError = error;
        } finally {
          replica.inFlight--;
        }
      }
      if (round >= rounds) throw this.#noReplica(lastError);
      await this.#waitForReplica(backoffMs(round, random), signal);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#replicas.map((replica) => replica.close()));
  }

  /** The key's first replica that is up and below the bounded load; where all others were tried, load does not matter. */
  #choose(ranked: Replica[], tried: Set<Replica>): Replica | undefined {
    const up = ranked.filter((replica) => replica.isUp);
    const open = up.filter((replica) => !tried.has(replica));
    const load = up.reduce((sum, replica) => sum + replica.inFlight, 1);
    const bound = Math.max(this.#settings.spareLoad, Math.ceil((this.#settings.loadFactor * load) / up.length));
    return open.find((replica) => replica.inFlight < bound) ?? open[0];
  }

  /** Waits, where no replica is up until the first probe may have brought one back. */
  async #waitForReplica(leastMs: number, signal?: AbortSignal): Promise<void> {
    const { clock } = this.#settings;
    if (this.#replicas.some((replica) => replica.isUp)) return clock.sleep(leastMs, signal);
    const due = Math.min(...this.#replicas.map((replica) => replica.downUntil)) - clock.now();
    await clock.sleep(Math.max(leastMs, due), signal);
    await firstUp(this.#replicas.flatMap((replica) => replica.probeIfDue() ?? []));
  }

  #noReplica(lastError: unknown): EngineError {
    const reasons = this.#replicas.map((replica) => {
      const error = replica.lastError;
      return `${replica.name}: ${error instanceof Error ? error.message : "no failure known"}`;
    });
    return new EngineError(`no replica answered. ${reasons.join("; ")}`, {
      retryable: true,
      code: lastError instanceof EngineError ? lastError.code : "unreachable",
      ...(lastError instanceof EngineError && lastError.status !== undefined ? { status: lastError.status } : {}),
    });
  }
}

/** Resolves when the first probe finds its replica up, or all have ended. */
function firstUp(probes: Promise<boolean>[]): Promise<void> {
  return new Promise((resolve) => {
    void Promise.all(probes.map(async (probe) => ((await probe) ? resolve() : undefined))).then(() => resolve());
  });
}

/** What keeps requests together: their affinity, else the messages before the last; a first turn is on its own. */
function affinityKey(request: GenerateRequest): string {
  if (request.affinity !== undefined) return request.affinity;
  const before = request.messages.slice(0, -1);
  // A system message is the same for all queries: alone it would send everything to one replica.
  return stableHash(before.some((message) => message.role !== "system") ? before : request.messages);
}
