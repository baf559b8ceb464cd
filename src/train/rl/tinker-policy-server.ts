import { type ChatCodec, TinkerEngine } from "../../engines/tinker/index.ts";
import type { TinkerClient } from "../../tinker/open-tinker.ts";
import { createCleanModel } from "../create-clean-model.ts";
import { ModelsFile } from "../models-file.ts";
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
  /** Where the run's models on the server are written down, so that those of a killed run are given back. Default: nowhere. */
  modelsFile?: string;
}

/** A Tinker server as the RL loop needs it. Close it when done. */
export function tinkerPolicyServer(options: TinkerPolicyOptions): PolicyServer & AsyncDisposable {
  const { connect, codec, baseModel, rank, seed, adapter, concurrency, modelsFile } = options;
  let client: TinkerClient | undefined;
  const models = new ModelsFile(modelsFile);
  const connected = async (signal?: AbortSignal) => {
    client ??= await connect(signal);
    return client;
  };
  // The server would drop them by itself, later: until then they take places that other models may need.
  const giveBack = async (from: TinkerClient) => {
    for (const id of await models.take()) await from.unloadModel(id).catch(() => {});
  };
  const close = async () => {
    const closing = client;
    client = undefined;
    if (closing !== undefined) await giveBack(closing);
    await closing?.close();
  };
  const openSampler = async (modelPath: string, signal?: AbortSignal) =>
    (await connected(signal)).openSampler({ modelPath });
  return {
    codec,
    async openTrainer({ from, signal } = {}) {
      await close();
      await giveBack(await connected(signal));
      const trainer = await createCleanModel(await connected(signal), { baseModel, rank, seed, signal });
      await models.add(trainer.modelId);
      // A server loads weights into a new model only: it is the first call, and the only such one.
      if (from !== undefined) await trainer.loadWeights(from, { optimizer: true, signal });
      else if (adapter !== undefined) await trainer.loadWeights(adapter, { optimizer: false, signal });
      return trainer;
    },
    openSampler,
    async openReference(signal) {
      const own = await connected(signal);
      // A fresh adapter changes nothing.
      if (adapter === undefined) return own.openSampler({ baseModel });
      // Saved weights can be sampled only as long as a model of theirs is there, so it has one.
      const model = await own.createModel({ baseModel, rank, seed, signal });
      await models.add(model.modelId);
      await model.loadWeights(adapter, { optimizer: false, signal });
      return own.openSampler({ modelPath: await model.saveWeightsForSampler("reference", signal) });
    },
    openEngine: async (path, signal) =>
      new TinkerEngine({ sampler: await openSampler(path, signal), codec, model: path, maxConcurrency: concurrency }),
    deleteWeights: async (path) => await (await connected()).deleteCheckpoint(path),
    [Symbol.asyncDispose]: close,
  };
}
