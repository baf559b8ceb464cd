import type { TinkerTrainer } from "../../tinker/create-trainer.ts";
import type { TinkerClient } from "../../tinker/open-tinker.ts";
import { createCleanModel } from "../create-clean-model.ts";
import { ModelsFile } from "../models-file.ts";

export interface TinkerSftServerOptions {
  /** Opens a session on the server. Called anew whenever a model is made, since a lost server has lost its sessions. */
  connect: () => Promise<TinkerClient>;
  /** Name of the base model as the server knows it. */
  baseModel: string;
  /** LoRA rank. */
  rank: number;
  /** Seed of the adapter's first weights. */
  seed: number;
  /** Where the run's model on the server is written down, so that one of a killed run is given back by the next. */
  modelsFile: string;
  signal?: AbortSignal;
}

/** A Tinker server as SFT needs it. Close it when done. */
export interface TinkerSftServer extends AsyncDisposable {
  /** Makes the model that is trained; its first step is its own, whatever was left undone on the server before. */
  openTrainer(): Promise<TinkerTrainer>;
  deleteWeights(path: string): Promise<void>;
}

export function tinkerSftServer(options: TinkerSftServerOptions): TinkerSftServer {
  const { connect, baseModel, rank, seed, modelsFile, signal } = options;
  const models = new ModelsFile(modelsFile);
  let client: TinkerClient | undefined;
  const connected = async () => {
    client ??= await connect();
    return client;
  };
  // The server would drop them by itself, later: until then they take places that other models may need.
  const giveBack = async (from: TinkerClient) => {
    for (const id of await models.take()) await from.unloadModel(id).catch(() => {});
  };
  return {
    async openTrainer() {
      await client?.close();
      client = undefined;
      const own = await connected();
      await giveBack(own);
      const trainer = await createCleanModel(own, { baseModel, rank, seed, signal });
      await models.add(trainer.modelId);
      return trainer;
    },
    deleteWeights: async (path) => (await connected()).deleteCheckpoint(path, signal),
    async [Symbol.asyncDispose]() {
      // It would wait for what is under way; someone who interrupts does not. The next run gives it back.
      if (client !== undefined && !signal?.aborted) await giveBack(client);
      await client?.close();
    },
  };
}
