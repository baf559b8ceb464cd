import type { Form } from "../core/form.ts";
import type { Message } from "../core/message.ts";
import type { Usage } from "../core/usage.ts";

/** What an engine can do beyond text in, text out. */
export interface EngineCapabilities {
  /** `"native"`: fills forms and returns choice probabilities; `"grammar"`: constrains the text only; `"none"`: ignores forms. */
  forms: "native" | "grammar" | "none";
  /** Can return log-probabilities of generated tokens with alternatives. */
  logprobs: boolean;
  /** Computes a prefix shared by concurrent requests once. */
  sharedPrefix: boolean;
  /** Can return token ids. */
  tokens: boolean;
}

/** What a request asks for. Sampling at `temperature` 0 is greedy and ignores `topP` and `seed`. */
export interface GenerateRequest {
  /** The conversation; the last message is the user's. */
  messages: Message[];
  /** How many independent generations. */
  n: number;
  /** Limit of new tokens of each generation (for a form: of its free text). */
  maxTokens: number;
  temperature: number;
  topP: number;
  /** Generation k of n uses a seed derived from this and k. */
  seed: number;
  /** Texts that end the answer; not kept. */
  stop: string[];
  /** The shape of the answer, used where the engine can. */
  form?: Form;
  /** Ask for token log-probabilities with alternatives. */
  logprobs?: boolean;
  /** Requests with the same key share a long prefix: an engine sends them to the same replica and groups them. */
  affinity?: string;
}

/** A generated token with the most probable alternatives at its place (natural logarithms). */
export interface TokenLogprob {
  id?: number;
  text: string;
  logprob: number;
  top?: { id?: number; text: string; logprob: number }[];
}

/** A choice the model made in a form: the options in the form's order and their probabilities (sum 1). */
export interface FormChoice {
  /** Name of the choice part. */
  name: string;
  /** Offset in `text` (UTF-16 units) of the chosen option. */
  offset: number;
  chosen: string;
  options: string[];
  probabilities: number[];
  /** Probability mass the options had among all tokens before normalising (0-1). */
  mass: number;
}

/** One answer. */
export interface Generation {
  text: string;
  /** `"stop"`: ended by itself or by a stop text, `"length"`: cut off at `maxTokens`. */
  finishReason: "stop" | "length";
  usage: Usage;
  /** Only where asked for and possible. */
  tokens?: TokenLogprob[];
  /** Only where a form was filled natively. */
  choices?: FormChoice[];
  /** Wall-clock milliseconds from the request's start in the engine (after queueing) to its end. */
  milliseconds: number;
}

/** A source of generations. Failures are `EngineError`s; an aborted signal rejects with the signal's reason. */
export interface Engine {
  /** What identifies the results: everything here goes into cache keys. `model` names weights, adapter and quantisation. */
  readonly identity: EngineIdentity;
  readonly capabilities: EngineCapabilities;
  /** How many requests it is worth having in flight. May change while running. */
  readonly concurrency: number;
  /**
   * How many different prefixes it keeps computed, where that is few: with more queries at once, each would push out
   * another's before it was used again.
   */
  readonly prefixes?: number;
  generate(request: GenerateRequest, signal?: AbortSignal): Promise<Generation[]>;
  close(): Promise<void>;
}

export interface EngineIdentity {
  /** `embedded`, `openai`, `replay`, ... */
  engine: string;
  model: string;
}
