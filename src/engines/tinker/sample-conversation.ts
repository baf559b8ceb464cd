import type { Message } from "../../core/message.ts";
import type { Sampler } from "../../tinker/sampler.ts";
import type { ChatCodec } from "./chat-codec.ts";

export interface ConversationRequest {
  /** The conversation; the last message is the user's. */
  messages: readonly Message[];
  /** How many independent answers. */
  n: number;
  maxTokens: number;
  temperature: number;
  topP?: number;
  /** Answer k of n is drawn with a seed counted up from this one. */
  seed: number;
}

/** An answer as it was sampled. */
export interface SampledAnswer {
  /** Without special tokens. */
  text: string;
  /** Token ids; ends with the end-of-turn token where one was sampled. */
  tokens: Int32Array;
  /** Natural log-probability of each token under the sampler, at temperature 1, [tokens.length]. */
  logprobs: Float32Array;
  /** `"length"`: cut off at the limit of tokens. */
  finishReason: "stop" | "length";
}

export interface ConversationSamples {
  /** Token ids of the conversation, up to where the assistant begins to speak. */
  prompt: Int32Array;
  answers: SampledAnswer[];
  /** Prompt tokens the server had cached, where it says so. */
  cachedPromptTokens: number | undefined;
}

/**
 * Samples answers to a conversation, with all that training needs: the prompt's tokens as they were sent, and the tokens and
 * log-probabilities as they were drawn. Throws a `TinkerError`.
 */
export async function sampleConversation(
  sampler: Sampler,
  codec: ChatCodec,
  request: ConversationRequest,
  signal?: AbortSignal,
): Promise<ConversationSamples> {
  const { messages, ...sampling } = request;
  const prompt = codec.encode(messages);
  const { sequences, cachedPromptTokens } = await sampler.sample({ ...sampling, prompt, stop: codec.stop }, signal);
  const answers = sequences.map(({ tokens, logprobs, stopReason }) => ({
    ...{ tokens, logprobs, finishReason: stopReason },
    text: codec.decode(tokens),
  }));
  return { prompt, answers, cachedPromptTokens };
}
