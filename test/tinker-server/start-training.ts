import { onTestFinished } from "vitest";
import type { Datum } from "../../src/tinker/datum.ts";
import { openTinker } from "../../src/tinker/open-tinker.ts";
import type { TinkerOptions } from "../../src/tinker/options.ts";
import { startTinkerServer, type TinkerServerOptions } from "./tinker-server.ts";

/** A clock whose waits take next to no time. */
export const quickClock = {
  now: () => performance.now(),
  sleep: (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted) reject(signal.reason);
      else setTimeout(resolve, 1);
    }),
};

export const datum: Datum = {
  input: Int32Array.of(1, 2, 3),
  target: Int32Array.of(2, 3, 4),
  weights: Float32Array.of(0, 1, 1),
};
export const adam = { learningRate: 1e-4, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0 };
export const crossEntropy = { name: "cross_entropy" } as const;

/** A server and a client of it, both closed at the test's end. */
export async function startClient(options: TinkerServerOptions = {}, given: Partial<TinkerOptions> = {}) {
  const server = await startTinkerServer(options);
  onTestFinished(() => server.close());
  const client = await openTinker({ baseUrl: server.url, clock: quickClock, environment: {}, ...given });
  onTestFinished(() => client.close());
  return { server, client };
}

/** The same with a model to train. */
export async function startTraining(options: TinkerServerOptions = {}, given: Partial<TinkerOptions> = {}) {
  const { server, client } = await startClient(options, given);
  const trainer = await client.createModel({ baseModel: "tiny", rank: 8, seed: 1 });
  /** What the server did since the model was made. */
  const effects = () => server.effects.slice(1).map(({ type }) => type);
  return { server, client, trainer, effects };
}
