import { ContextOverflowError, EngineError } from "../../core/errors.ts";
import { deriveSeed } from "../../core/random.ts";
import type { Sampler } from "../../tinker/sampler.ts";
import { TinkerError } from "../../tinker/tinker-error.ts";
import type {
  Engine,
  EngineCapabilities,
  EngineIdentity,
  GenerateRequest,
  Generation,
  TokenLogprob,
} from "../engine.ts";
import { findStop } from "../find-stop.ts";
import { TokenTextDecoder } from "../text-decoder.ts";
import type { ChatCodec } from "./chat-codec.ts";
import { type SampledAnswer, sampleConversation } from "./sample-conversation.ts";

export interface TinkerEngineOptions {
  sampler: Sampler;
  codec: ChatCodec;
  /** Names the weights: goes into cache keys, with the codec's hash. */
  model: string;
  /** Requests worth having in flight. Default 64. */
  maxConcurrency?: number;
  /** Ends what the sampler was opened with. */
  close?: () => Promise<void>;
  now?: () => number;
}

/** A generation with the tokens it was made of: what a policy is trained on. */
export interface TinkerGeneration extends Generation {
  trajectory: Pick<SampledAnswer, "tokens" | "logprobs"> & { prompt: Int32Array };
}

/** Samples from the weights of a Tinker server. The same prompts as in training, since both come from one `ChatCodec`. */
export class TinkerEngine implements Engine {
  readonly identity: EngineIdentity;
  /** The sampler gives the log-probability of what was drawn, and no alternatives. */
  readonly capabilities: EngineCapabilities = { forms: "none", logprobs: false, sharedPrefix: false, tokens: true };
  readonly concurrency: number;
  readonly #options: TinkerEngineOptions;

  constructor(options: TinkerEngineOptions) {
    this.#options = options;
    this.concurrency = options.maxConcurrency ?? 64;
    this.identity = { engine: "tinker", model: `${options.model}#${options.codec.hash.slice(0, 12)}` };
  }

  async generate(request: GenerateRequest, signal?: AbortSignal): Promise<TinkerGeneration[]> {
    signal?.throwIfAborted();
    const { sampler, codec, now = () => performance.now() } = this.#options;
    const started = now();
    const { messages, n, temperature, topP } = request;
    const maxTokens = this.#fittingTokens(request);
    // Servers count seeds up from the first: neighbouring seeds would share samples.
    const seed = deriveSeed(request.seed, 0);
    try {
      const sampling = { messages, n, maxTokens, temperature, topP: temperature === 0 ? 1 : topP, seed };
      const { prompt, answers, cachedPromptTokens } = await sampleConversation(sampler, codec, sampling, signal);
      const milliseconds = now() - started;
      return answers.map((answer, index) => ({
        ...readAnswer(answer, codec, request),
        usage: {
          promptTokens: index === 0 ? prompt.length : 0,
          cachedPromptTokens: index === 0 ? (cachedPromptTokens ?? 0) : 0,
          outputTokens: answer.tokens.length,
        },
        milliseconds,
        trajectory: { prompt, tokens: answer.tokens, logprobs: answer.logprobs },
      }));
    } catch (error) {
      if (!(error instanceof TinkerError)) throw error;
      const { message, retryable, status, code } = error;
      throw new EngineError(message, { retryable, status, code, cause: error });
    }
  }

  async close(): Promise<void> {
    await this.#options.close?.();
  }

  /** The limit of new tokens, cut to what the context has left: an answer that gets that far ends as "length". */
  #fittingTokens({ messages, maxTokens }: GenerateRequest): number {
    const { codec } = this.#options;
    const { contextTokens } = codec;
    if (contextTokens === undefined) return maxTokens;
    const promptTokens = codec.encode(messages).length;
    if (promptTokens < contextTokens) return Math.min(maxTokens, contextTokens - promptTokens);
    throw new ContextOverflowError(
      `the prompt has ${promptTokens} tokens and its answer needs at least 1, but the context of ${this.identity.model} holds ${contextTokens}`,
      { promptTokens, contextTokens },
    );
  }
}

/** Text up to the first stop text, and the tokens it consists of where they are asked for. */
function readAnswer(
  answer: SampledAnswer,
  codec: ChatCodec,
  request: GenerateRequest,
): Pick<Generation, "text" | "finishReason" | "tokens"> {
  const decoder = new TokenTextDecoder({ detokenize: (tokens) => codec.decode(tokens) });
  for (const token of answer.tokens) decoder.push(token);
  const stop = findStop(decoder.text, request.stop);
  const text = stop === -1 ? decoder.text : decoder.text.slice(0, stop);
  const finishReason = stop === -1 ? answer.finishReason : "stop";
  if (request.logprobs !== true) return { text, finishReason };
  const count = decoder.wholeTokens(text.length, decoder.tokens.length);
  const tokens = decoder.tokens.slice(0, count).map(
    (id, index): TokenLogprob => ({
      id,
      text: decoder.text.slice(decoder.ends[index - 1] ?? 0, decoder.ends[index]),
      logprob: answer.logprobs[index]!,
    }),
  );
  return { text, finishReason, tokens };
}
