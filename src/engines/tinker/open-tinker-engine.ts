import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../core/errors.ts";
import { openTinker, type TinkerClient } from "../../tinker/open-tinker.ts";
import type { TinkerOptions } from "../../tinker/options.ts";
import { parseTinkerPath } from "../../tinker/tinker-path.ts";
import { type ChatCodec, openChatCodec } from "./chat-codec.ts";
import { TinkerEngine } from "./tinker-engine.ts";

export interface OpenTinkerEngineOptions extends TinkerOptions {
  /** Weights (`tinker://MODEL/NAME`), or a base model as the server names it. Default: the server's only base model. */
  model?: string;
  /** Folder with the model's tokenizer. Default: the base model's, where that is a folder of this machine. */
  tokenizer?: string;
  /** Requests worth having in flight. Default 64. */
  maxConcurrency?: number;
}

/** Opens an engine that samples from a Tinker server. Throws a `TinkerError`, or an `InputError` for a model it does not have. */
export async function openTinkerEngine(options: OpenTinkerEngineOptions, signal?: AbortSignal): Promise<TinkerEngine> {
  const client = await openTinker(options, signal);
  try {
    const { source, model, base } = await findModel(client, options.model, signal);
    const codec = await openBaseCodec(base, options.tokenizer);
    const sampler = client.openSampler(source);
    return new TinkerEngine({
      ...{ sampler, codec, model, maxConcurrency: options.maxConcurrency },
      close: () => client.close(),
    });
  } catch (error) {
    await client.close();
    throw error;
  }
}

/** What is sampled from, and the base model under it. */
async function findModel(client: TinkerClient, wanted: string | undefined, signal?: AbortSignal) {
  if (wanted?.startsWith("tinker://")) {
    const { baseModel } = await client.modelInfo(parseTinkerPath(wanted).runId, signal);
    return { source: { modelPath: wanted }, model: wanted, base: baseModel };
  }
  const { models } = await client.capabilities(signal);
  const model = wanted ?? (models.length === 1 ? models[0] : undefined);
  if (model === undefined || !models.includes(model)) {
    const got = wanted === undefined ? "is not given" : `is "${wanted}"`;
    throw new InputError(`${got}; the server has ${models.join(", ")}, and weights saved for samplers (tinker://...)`, {
      field: "model",
    });
  }
  return { source: { baseModel: model }, model, base: model };
}

/** The codec of a base model. Throws an `InputError` where its tokenizer is not on this machine. */
export async function openBaseCodec(baseModel: string, tokenizer?: string): Promise<ChatCodec> {
  if (tokenizer !== undefined) return openChatCodec(tokenizer);
  if (existsSync(join(baseModel, "tokenizer.json"))) return openChatCodec(baseModel);
  const message = `is needed: ${baseModel} is no folder of this machine. Give the folder with its tokenizer.json, tokenizer_config.json and chat_template.jinja`;
  throw new InputError(message, { field: "tokenizer" });
}
