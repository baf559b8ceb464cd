import { type ChatCodec, TinkerEngine } from "../../engines/tinker/index.ts";
import type { TinkerClient } from "../../tinker/open-tinker.ts";
import { parseTinkerPath } from "../../tinker/tinker-path.ts";
import { createCleanModel } from "../create-clean-model.ts";
import type { PolicyServer } from "./policy-server.ts";

export interface TinkerPolicyOptions {
  /** Opens a session on the server. Called anew whenever a model is made, since a lost server has lost its sessions. */
  connect: (signal?: AbortSignal) => Promise<TinkerClient>;
  codec: ChatCodec;
  /** Name of the base model as the server knows it. */
  baseModel: string;
  /** LoRA rank. */
  rank: number;
  /** Seed of the adapter's first weights. */
  seed: number;
  /** Saved training weights to begin with, such as those of a cold start; their optimiser state is not taken over. */
  adapter?: string;
  /** Requests of held-out evaluation at a time. */
  concurrency: number;
}

/** A Tinker server as the RL loop needs it. Close it when done. */
export function tinkerPolicyServer(options: TinkerPolicyOptions): PolicyServer & AsyncDisposable {
  const { connect, codec, baseModel, rank, seed, adapter, concurrency } = options;
  let client: TinkerClient | undefined;
  let modelId: string | undefined;
  const connected = async (signal?: AbortSignal) => {
    client ??= await connect(signal);
    return client;
  };
  const close = async () => {
    const [closing, unneeded] = [client, modelId];
    [client, modelId] = [undefined, undefined];
    // The server would drop it by itself, later: until then it takes a place that another model may need.
    if (unneeded !== undefined) await closing?.unloadModel(unneeded).catch(() => {});
    await closing?.close();
  };
  const openSampler = async (modelPath: string, signal?: AbortSignal) =>
    (await connected(signal)).openSampler({ modelPath });
  return {
    codec,
    async openTrainer({ from, signal } = {}) {
      await close();
      // The model that a killed run left behind would keep its place until the server misses its session.
      if (from !== undefined) await (await connected(signal)).unloadModel(parseTinkerPath(from).runId).catch(() => {});
      const trainer = await createCleanModel(await connected(signal), { baseModel, rank, seed, signal });
      modelId = trainer.modelId;
      // A server loads weights into a new model only: it is the first call, and the only such one.
      if (from !== undefined) await trainer.loadWeights(from, { optimizer: true, signal });
      else if (adapter !== undefined) await trainer.loadWeights(adapter, { optimizer: false, signal });
      return trainer;
    },
    openSampler,
    openEngine: async (path, signal) =>
      new TinkerEngine({ sampler: await openSampler(path, signal), codec, model: path, maxConcurrency: concurrency }),
    deleteWeights: async (path) => await (await connected()).deleteCheckpoint(path),
    [Symbol.asyncDispose]: close,
  };
}
