/**
 * A generation is written as a generator function ("program") that yields steps: which tokens to put into its sequence
 * and what to read from the model after them. The scheduler runs many programs at once and computes their steps in
 * common batches.
 */
export interface Step {
  /** Tokens to drop from the end of the sequence before feeding. */
  erase?: number;
  /** Tokens to compute, in order; at least one unless `want` is `nothing`. */
  feed: number[];
  want: Want;
}

export type Want =
  | { kind: "nothing" }
  /** Sample a token after each fed position from `from` to the last; `logprobs` adds that many alternatives. */
  | { kind: "sample"; from: number; logprobs?: number }
  /** Logits of these tokens after the last fed position. */
  | { kind: "logits"; tokens: number[] }
  /** The most probable tokens after the last fed position. */
  | { kind: "top"; count: number };

export interface SampledToken {
  token: number;
  /** Natural logarithm of the token's probability before temperature and top-p; only where asked for. */
  logprob?: number;
  top?: { token: number; logprob: number }[];
}

export interface StepResult {
  sampled: SampledToken[];
  /** For `logits`: natural log-probabilities over the whole vocabulary. */
  logprobs: Map<number, number>;
  /** For `top`: most probable first. */
  top: { token: number; logprob: number }[];
}

export const emptyResult: StepResult = { sampled: [], logprobs: new Map(), top: [] };

export type Program<T> = Generator<Step, T, StepResult>;

/** How a program's tokens are drawn. */
export interface SamplingSettings {
  temperature: number;
  topP: number;
  seed: number;
}

/** Text to tokens and back. `text` never parses special tokens: what a user wrote stays text. */
export interface Tokenizer {
  tokenize(text: string): number[];
  /** `preceding` are the tokens before them, which decide about leading spaces in some vocabularies. */
  detokenize(tokens: number[], preceding?: number[]): string;
  isEndOfGeneration(token: number): boolean;
}
