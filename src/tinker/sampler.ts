/** What is to be sampled. */
export interface SampleRequest {
  /** Prompt token ids. */
  prompt: Int32Array;
  /** How many independent sequences. */
  n: number;
  maxTokens: number;
  temperature: number;
  /** Default 1. */
  topP?: number;
  /** Default: all. */
  topK?: number;
  /** Sequence k of n is drawn with a seed counted up from this one. */
  seed: number;
  /** Token ids that end a sequence. Servers add none of the model's own: give its end-of-turn token. */
  stop?: number[];
  /** Ask for the log-probabilities of the prompt's own tokens. */
  promptLogprobs?: boolean;
}

/** One sampled continuation. */
export interface SampledSequence {
  /** Token ids, without the prompt; ends with the stop token where one was sampled. */
  tokens: Int32Array;
  /** Natural log-probability of each token under the sampler, at temperature 1, [tokens.length]. */
  logprobs: Float32Array;
  stopReason: "stop" | "length";
}

export interface SampleResult {
  sequences: SampledSequence[];
  /** Where asked for: one per prompt token; the first, which nothing precedes, is NaN. */
  promptLogprobs?: Float32Array;
  /** Prompt tokens the server had cached, where it says so. */
  cachedPromptTokens?: number;
}

/** A source of samples from fixed weights. */
export interface Sampler {
  sample(request: SampleRequest, signal?: AbortSignal): Promise<SampleResult>;
}
