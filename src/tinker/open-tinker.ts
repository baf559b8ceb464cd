import * as z from "zod";
import { callJson } from "./call-json.ts";
import {
  deleteCheckpoint,
  listCheckpoints,
  listTrainingRuns,
  type SavedWeights,
  type TrainingRun,
} from "./checkpoints.ts";
import { type Connection, createConnection } from "./connection.ts";
import { createSampler, type SamplerSource } from "./create-sampler.ts";
import { createTrainer, type TinkerTrainer } from "./create-trainer.ts";
import { downloadCheckpoint } from "./download-checkpoint.ts";
import { jsonRequest } from "./json-request.ts";
import type { TinkerOptions } from "./options.ts";
import type { Sampler } from "./sampler.ts";
import { openSession, type Session } from "./session.ts";
import { parseTinkerPath } from "./tinker-path.ts";

export interface CreateModelOptions {
  /** Name of the base model as the server knows it; `capabilities` lists them. */
  baseModel: string;
  /** LoRA rank. */
  rank: number;
  /** Seed of the adapter's first weights. */
  seed: number;
  signal?: AbortSignal;
}

/** What a server knows of a model. */
export interface ModelInfo {
  baseModel: string;
  rank: number | undefined;
}

/** A client of one Tinker server, with a session that is kept alive until `close`. */
export interface TinkerClient {
  /** Names of the base models that can be trained and sampled. */
  capabilities(signal?: AbortSignal): Promise<{ models: string[] }>;
  /** Makes a model to train: a base model with a fresh LoRA adapter. */
  createModel(options: CreateModelOptions): Promise<TinkerTrainer>;
  /** A sampler of fixed weights. Nothing is sent before the first sample. */
  openSampler(source: SamplerSource): Sampler;
  modelInfo(modelId: string, signal?: AbortSignal): Promise<ModelInfo>;
  /** What weights were trained from, by the path that `saveWeights` gave. */
  weightsInfo(path: string, signal?: AbortSignal): Promise<ModelInfo>;
  /** Frees what a model takes on the server. Its saved weights stay. */
  unloadModel(modelId: string, signal?: AbortSignal): Promise<void>;
  trainingRuns(signal?: AbortSignal): Promise<TrainingRun[]>;
  checkpoints(runId: string, signal?: AbortSignal): Promise<SavedWeights[]>;
  /** Deletes saved weights for good. */
  deleteCheckpoint(path: string, signal?: AbortSignal): Promise<void>;
  /** Downloads sampler weights into a new folder: PEFT's `adapter_config.json` and `adapter_model.safetensors`. */
  downloadCheckpoint(path: string, folder: string, signal?: AbortSignal): Promise<void>;
  /** Ends the session's heartbeat and the connections. The server drops the session's models after a while. */
  close(): Promise<void>;
}

const jsonCapabilities = z.object({ supported_models: z.array(z.object({ model_name: z.string() })) });
const jsonCreated = jsonRequest.extend({ model_id: z.string() });
const jsonModel = z.object({
  model_data: z.object({
    base_model: z.string().nullish(),
    model_name: z.string().nullish(),
    lora_config: z.object({ rank: z.int() }).nullish(),
  }),
});
const jsonWeights = z.object({ base_model: z.string(), lora_rank: z.int().nullish() });

/** Opens a session on a Tinker server. Throws a `TinkerError` where the server does not answer or refuses the key. */
export async function openTinker(options: TinkerOptions, signal?: AbortSignal): Promise<TinkerClient> {
  const connection = createConnection(options);
  try {
    return new Client(connection, await openSession(connection.call, connection.options, signal));
  } catch (error) {
    await connection.http.close();
    throw error;
  }
}

class Client implements TinkerClient {
  readonly #connection: Connection;
  readonly #session: Session;
  #models = 0;

  constructor(connection: Connection, session: Session) {
    this.#connection = connection;
    this.#session = session;
  }

  async capabilities(signal?: AbortSignal) {
    const request = { what: "capabilities", path: "/get_server_capabilities", repeat: "harmless", signal } as const;
    const { supported_models } = await callJson(this.#connection.call, request, jsonCapabilities);
    return { models: supported_models.map(({ model_name }) => model_name) };
  }

  async createModel({ baseModel, rank, seed, signal }: CreateModelOptions): Promise<TinkerTrainer> {
    const { call, awaitResult } = this.#connection;
    const json = {
      ...{ session_id: this.#session.id, model_seq_id: this.#models++, base_model: baseModel },
      lora_config: { rank, seed },
    };
    const what = `create_model from ${baseModel}`;
    const request = { what, path: "/create_model", json, repeat: "unsafe", signal } as const;
    const { model_id, request_id } = await callJson(call, request, jsonCreated);
    await awaitResult(what, request_id, signal);
    return createTrainer(this.#connection, model_id, baseModel);
  }

  openSampler(source: SamplerSource): Sampler {
    return createSampler(this.#connection, source);
  }

  async modelInfo(modelId: string, signal?: AbortSignal): Promise<ModelInfo> {
    const json = { model_id: modelId };
    const request = { what: `get_info of ${modelId}`, path: "/get_info", json, repeat: "harmless", signal } as const;
    const { model_data: data } = await callJson(this.#connection.call, request, jsonModel);
    return { baseModel: data.base_model ?? data.model_name ?? "", rank: data.lora_config?.rank };
  }

  async weightsInfo(path: string, signal?: AbortSignal): Promise<ModelInfo> {
    parseTinkerPath(path);
    const json = { tinker_path: path };
    const request = {
      what: `weights_info of ${path}`,
      path: "/weights_info",
      json,
      repeat: "harmless",
      signal,
    } as const;
    const { base_model, lora_rank } = await callJson(this.#connection.call, request, jsonWeights);
    return { baseModel: base_model, rank: lora_rank ?? undefined };
  }

  async unloadModel(modelId: string, signal?: AbortSignal): Promise<void> {
    const { call, awaitResult } = this.#connection;
    const what = `unload_model of ${modelId}`;
    const json = { model_id: modelId, type: "unload_model" };
    const request = { what, path: "/unload_model", json, repeat: "harmless", signal } as const;
    await awaitResult(what, (await callJson(call, request, jsonRequest)).request_id, signal);
  }

  trainingRuns(signal?: AbortSignal) {
    return listTrainingRuns(this.#connection.call, signal);
  }

  checkpoints(runId: string, signal?: AbortSignal) {
    return listCheckpoints(this.#connection.call, runId, signal);
  }

  deleteCheckpoint(path: string, signal?: AbortSignal) {
    return deleteCheckpoint(this.#connection.call, path, signal);
  }

  downloadCheckpoint(path: string, folder: string, signal?: AbortSignal) {
    return downloadCheckpoint(this.#connection, path, folder, signal);
  }

  async close(): Promise<void> {
    this.#session.close();
    await this.#connection.http.close();
  }
}
