import type { Message } from "../../../core/message.ts";

/** Conversations as a model's tokens, in its own chat template. */
export interface ChatCodec {
  /** Tokens of a conversation, up to where the assistant begins to speak. */
  encode(messages: Message[]): Int32Array;
  /** Text of an answer's tokens, without the special ones. */
  decode(tokens: Int32Array): string;
  /** Tokens that end an answer, beside those the sampler knows of. */
  readonly stop?: number[];
  /** Most tokens of prompt and answer together, where it is known. */
  readonly contextTokens?: number;
}
