import { InputError } from "../../core/errors.ts";
import type { Message } from "../../core/message.ts";
import type { SftConversation } from "./conversation.ts";
import { type SftExample, trainedTokens } from "./example.ts";

/** A conversation as a model reads it, with the tokens that each assistant message consists of. */
export interface TokenizedConversation {
  tokens: Int32Array;
  /** One for each assistant message, in their order: its tokens and the one that ends its turn, `end` not included. */
  assistant: { start: number; end: number }[];
}

/** Renders a conversation with a model's chat template. */
export type TokenizeConversation = (messages: Message[]) => TokenizedConversation;

export interface TokenizeOptions {
  tokenize: TokenizeConversation;
  /** Longest conversation in tokens. */
  maxTokens: number;
  /** What becomes of longer ones: an `InputError` for all of them, or they are left out and counted. */
  tooLong: "refuse" | "drop";
  /** The file, for errors. */
  file: string;
}

export interface TokenizedExamples {
  examples: SftExample[];
  /** Conversations left out for their length, with their tokens. */
  dropped: { id: string; tokens: number }[];
}

/** Makes examples of conversations; none is ever cut. */
export function tokenizeConversations(
  conversations: readonly SftConversation[],
  options: TokenizeOptions,
): TokenizedExamples {
  const { tokenize, maxTokens, tooLong, file } = options;
  const examples: SftExample[] = [];
  const dropped: TokenizedExamples["dropped"] = [];
  for (const { id, messages, train } of conversations) {
    const { tokens, assistant } = tokenize(messages);
    if (tokens.length > maxTokens) {
      dropped.push({ id, tokens: tokens.length });
      continue;
    }
    const mask = new Uint8Array(tokens.length);
    for (const turn of train) {
      const { start, end } = assistant[turn - 1]!;
      mask.fill(1, start, end);
    }
    const example = { id, tokens, mask };
    if (trainedTokens(example) === 0)
      throw new InputError(`conversation ${JSON.stringify(id)} has no trained token`, { file });
    examples.push(example);
  }
  if (dropped.length > 0 && tooLong === "refuse") {
    const longest = dropped.reduce((most, one) => (one.tokens > most.tokens ? one : most));
    throw new InputError(
      `${dropped.length} of ${conversations.length} conversations have more than ${maxTokens} tokens, the longest (${JSON.stringify(longest.id)}) ${longest.tokens}; raise --max-tokens, or leave them out with --too-long drop`,
      { file },
    );
  }
  if (examples.length === 0) throw new InputError(`no conversation has at most ${maxTokens} tokens`, { file });
  return { examples, dropped };
}
