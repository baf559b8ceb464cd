import { EngineError } from "../../core/errors.ts";
import type { Message } from "../../core/message.ts";
import { type ChatTemplate, createChatTemplate, type TemplatePiece } from "../chat-template.ts";
import { loadTextTokenizer, type TextPiece, type TextTokenizer } from "./text-tokenizer.ts";
import { readTokenizerFiles, type TokenizerFiles } from "./tokenizer-files.ts";

/** A conversation as a model reads it, with the tokens that each assistant message consists of. */
export interface RenderedConversation {
  tokens: Int32Array;
  /** One for each assistant message, in their order: what the model writes, its end-of-turn token included, `end` not. */
  assistant: { start: number; end: number }[];
}

/**
 * Conversations as a model's tokens, in its own chat template.
 *
 * An assistant message is always the same tokens after the same tokens, whatever follows it: a prompt, the answer and the
 * rest of the conversation are put together, never searched for in a text. So the tokens of a prompt begin those of every
 * conversation that goes on from it. (Templates that render an earlier turn otherwise than the last one, as some that think
 * do, are followed for the turn that is written, not for its later copies.)
 */
export interface ChatCodec {
  /** Tokens of a conversation, up to where the assistant begins to speak. */
  encode(messages: readonly Message[]): Int32Array;
  /** Tokens of a conversation that ends with an assistant message, its end-of-turn token included. */
  renderConversation(messages: readonly Message[]): RenderedConversation;
  /**
   * Tokens that go on from a prompt and the tokens that were sampled after it, which are kept as they are, with further
   * messages of the user, up to where the assistant begins to speak again. `messages` is the whole conversation; what was
   * sampled is its last assistant message.
   */
  continueWith(prompt: Int32Array, sampled: Int32Array, messages: readonly Message[]): Int32Array;
  /** Text of an answer's tokens, without the special ones. */
  decode(tokens: Iterable<number>): string;
  /** Tokens that end an answer. */
  readonly stop: number[];
  /** Most tokens of prompt and answer together, where the model's folder says it. */
  readonly contextTokens: number | undefined;
  /** Changes where the same conversation would become other tokens. */
  readonly hash: string;
}

/**
 * Opens a model's folder (`tokenizer.json`, `tokenizer_config.json`, `chat_template.jinja`). Throws an `InputError` where it
 * has no byte-level tokenizer, or a template whose turns do not end with a special token.
 */
export async function openChatCodec(folder: string): Promise<ChatCodec> {
  return createChatCodec(await readTokenizerFiles(folder));
}

export function createChatCodec(files: TokenizerFiles): ChatCodec {
  return new TemplateCodec(files);
}

class TemplateCodec implements ChatCodec {
  readonly stop: number[];
  readonly contextTokens: number | undefined;
  readonly hash: string;
  readonly #template: ChatTemplate;
  readonly #tokenizer: TextTokenizer;
  /** What the template writes after an answer, up to the special token that ends the turn. */
  readonly #turnEnd: string;
  readonly #turnEndId: number;

  constructor(files: TokenizerFiles) {
    this.#template = createChatTemplate(files);
    this.#tokenizer = loadTextTokenizer(files);
    this.contextTokens = files.contextTokens;
    this.hash = files.hash;
    const { text, id } = findTurnEnd(this.#template, this.#tokenizer);
    [this.#turnEnd, this.#turnEndId] = [text, id];
    const eos = files.eosToken === undefined ? undefined : this.#tokenizer.specialId(files.eosToken);
    this.stop = eos === undefined || eos === id ? [id] : [id, eos];
  }

  encode(messages: readonly Message[]): Int32Array {
    const tokens = this.#untilLastAnswer(messages).tokens;
    this.#addPrompt(tokens, messages);
    return Int32Array.from(tokens);
  }

  renderConversation(messages: readonly Message[]): RenderedConversation {
    if (messages.at(-1)?.role !== "assistant") {
      throw new EngineError("a conversation to learn from must end with an assistant message", { retryable: false });
    }
    const { tokens, assistant } = this.#untilLastAnswer(messages);
    return { tokens: Int32Array.from(tokens), assistant };
  }

  continueWith(prompt: Int32Array, sampled: Int32Array, messages: readonly Message[]): Int32Array {
    const tokens = [...prompt, ...sampled];
    // An answer that was cut off, or ended by another token, gets its end-of-turn token as part of the next prompt.
    if (sampled.at(-1) !== this.#turnEndId) tokens.push(...this.#encode([{ kind: "template", text: this.#turnEnd }]));
    this.#addPrompt(tokens, messages);
    return Int32Array.from(tokens);
  }

  decode(tokens: Iterable<number>): string {
    return this.#tokenizer.decode(tokens);
  }

  /** Everything up to the end of the last assistant message. */
  #untilLastAnswer(messages: readonly Message[]): { tokens: number[] } & Pick<RenderedConversation, "assistant"> {
    const tokens: number[] = [];
    const assistant: RenderedConversation["assistant"] = [];
    messages.forEach(({ role }, index) => {
      if (role !== "assistant") return;
      this.#addPrompt(tokens, messages.slice(0, index));
      const start = tokens.length;
      const answer = this.#answer(messages.slice(0, index + 1));
      for (const token of this.#encode(answer)) tokens.push(token);
      assistant.push({ start, end: tokens.length });
    });
    return { tokens, assistant };
  }

  /** What the model writes as the last message: also what its template has between a prompt and the answer, as a space. */
  #answer(messages: readonly Message[]): TextPiece[] {
    const index = messages.length - 1;
    const pieces = this.#template(messages, false);
    const place = pieces.findIndex(isContentOf(index));
    const before = joined(pieces.slice(0, place));
    const prompt = joined(this.#template(messages.slice(0, index), true));
    return [
      { kind: "template", text: before.startsWith(prompt) ? before.slice(prompt.length) : "" },
      { kind: "content", text: pieces[place]?.text ?? "" },
      { kind: "template", text: this.#turnEnd },
    ];
  }

  /** Adds what lies between the end of the last assistant message and the beginning of the next. */
  #addPrompt(tokens: number[], messages: readonly Message[]): void {
    const pieces = this.#template(messages, true);
    const last = messages.findLastIndex(({ role }) => role === "assistant");
    for (const token of this.#encode(last === -1 ? pieces : this.#after(pieces, last))) tokens.push(token);
  }

  /** The pieces after an assistant message and its end of turn. */
  #after(pieces: TemplatePiece[], message: number): TextPiece[] {
    const place = pieces.findIndex(isContentOf(message));
    const [end, ...rest] = pieces.slice(place + 1);
    if (place === -1 || !end?.text.startsWith(this.#turnEnd)) {
      throw new EngineError(
        `the model's chat template leaves out an assistant message, or does not end it with ${JSON.stringify(this.#turnEnd)}`,
        { retryable: false, code: "template-refused" },
      );
    }
    return [{ kind: "template", text: end.text.slice(this.#turnEnd.length) }, ...rest];
  }

  #encode(pieces: TextPiece[]): number[] {
    return this.#tokenizer.encode(pieces);
  }
}

function isContentOf(message: number): (piece: TemplatePiece) => boolean {
  return (piece) => piece.kind === "content" && piece.message === message;
}

function joined(pieces: TemplatePiece[]): string {
  return pieces.map(({ text }) => text).join("");
}

/** What ends an assistant's turn, from a conversation of two messages. */
function findTurnEnd(template: ChatTemplate, tokenizer: TextTokenizer): { text: string; id: number } {
  const pieces = template(
    [
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
    ],
    false,
  );
  const after = joined(pieces.slice(pieces.findIndex(isContentOf(1)) + 1));
  const special = tokenizer.findSpecial(after);
  if (special === undefined) {
    const message = `the model's chat template ends an assistant's turn with ${JSON.stringify(after)}, which holds no special token; use a model made for chat`;
    throw new EngineError(message, { retryable: false, code: "template-refused" });
  }
  return { text: after.slice(0, special.index + special.text.length), id: tokenizer.specialId(special.text)! };
}
