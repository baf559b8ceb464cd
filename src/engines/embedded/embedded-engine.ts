import { ContextOverflowError, EngineError } from "../../core/errors.ts";
import { deriveSeed, seededRandom } from "../../core/random.ts";
import type { Engine, EngineCapabilities, EngineIdentity, GenerateRequest, Generation } from "../engine.ts";
import { createChatPrompt } from "./chat-prompt.ts";
import { fillForm } from "./fill-form.ts";
import { formTokenBound } from "./form-token-bound.ts";
import { generatePlain } from "./generate-plain.ts";
import type { LlamaBackend } from "./llama-backend.ts";
import { Scheduler } from "./scheduler.ts";
import type { JobOutcome } from "./slot.ts";
import { ThreadGovernor } from "./thread-governor.ts";

export interface EmbeddedEngineOptions {
  backend: LlamaBackend;
  /** Names weights, adapter and quantisation: goes into cache keys. */
  model: string;
  threads: number;
  /** How many generations run at once. */
  sequences: number;
  /** Tokens a sequence can hold at first; it grows up to the model's own context when a prompt needs it. Default 4,096. */
  contextTokens?: number;
  /** Upper bound of the context in tokens, below the model's own. */
  maxContextTokens?: number;
  /** Tokens computed at once. Default 256: small enough that waiting prompts do not hold up generation for long. */
  batchTokens?: number;
  /** Compute common prefixes once. Default true; false only to measure what it saves. */
  sharePrefixes?: boolean;
  /** Guess tokens from the prompt in plain generation. Default off: see docs/performance.md for when it pays. */
  lookup?: { pattern: number; length: number };
  /** Fill forms (default), or generate plain text and leave the format to the model. */
  guided?: boolean;
  /** Called with one line when threads had to be reduced. */
  onNotice?: (message: string) => void;
  now?: () => number;
}

/** How many alternatives come with every token when log-probabilities are asked for. */
const alternatives = 20;

/** The default engine: a GGUF model in this process, on llama.cpp. */
export class EmbeddedEngine implements Engine {
  readonly identity: EngineIdentity;
  readonly capabilities: EngineCapabilities;
  readonly concurrency: number;
  readonly prefixes: number;
  readonly #options: EmbeddedEngineOptions;
  readonly #scheduler: Scheduler;
  readonly #governor: ThreadGovernor;
  readonly #chatPrompt: ReturnType<typeof createChatPrompt>;
  readonly #maxContextTokens: number;

  constructor(options: EmbeddedEngineOptions) {
    const now = options.now ?? (() => performance.now());
    const { backend } = options;
    this.#options = options;
    this.identity = { engine: "embedded", model: options.model };
    this.capabilities = {
      forms: (options.guided ?? true) ? "native" : "none",
      logprobs: true,
      sharedPrefix: options.sharePrefixes ?? true,
      tokens: true,
    };
    // Twice the sequences: while one batch is computed, the next programs are already waiting to be matched to a prefix.
    this.concurrency = 2 * options.sequences;
    this.prefixes = options.sequences;
    this.#maxContextTokens = Math.min(
      backend.trainContextTokens,
      options.maxContextTokens ?? backend.trainContextTokens,
    );
    this.#chatPrompt = createChatPrompt(backend);
    this.#governor = new ThreadGovernor({ threads: options.threads, now, onCollapse: options.onNotice });
    this.#scheduler = new Scheduler({
      backend,
      governor: this.#governor,
      sharePrefixes: options.sharePrefixes ?? true,
      maxContextTokens: this.#maxContextTokens,
      now,
      shape: {
        sequences: options.sequences,
        contextTokens: Math.min(options.contextTokens ?? 4096, this.#maxContextTokens),
        batchTokens: options.batchTokens ?? 256,
        threads: options.threads,
      },
    });
  }

  /** How often threads slowed each other down so much that one was used instead. */
  get threadCollapses(): number {
    return this.#governor.collapses;
  }

  /** Tokens of a conversation in the model's chat template. */
  countTokens(messages: GenerateRequest["messages"]): number {
    return this.#chatPrompt(messages).length;
  }

  async generate(request: GenerateRequest, signal?: AbortSignal): Promise<Generation[]> {
    signal?.throwIfAborted();
    const prompt = this.#chatPrompt(request.messages);
    const form = this.capabilities.forms === "native" ? request.form : undefined;
    const answerTokens = form === undefined ? 1 : formTokenBound(form, request.maxTokens, this.#options.backend);
    if (prompt.length + answerTokens > this.#maxContextTokens) {
      throw new ContextOverflowError(
        `the prompt has ${prompt.length} tokens and its answer needs ${form === undefined ? "at least" : "up to"} ${answerTokens}, but the context of ${this.identity.model} holds ${this.#maxContextTokens}`,
        { promptTokens: prompt.length, contextTokens: this.#maxContextTokens },
      );
    }
    const samples = Array.from({ length: request.n }, (_, sample) =>
      form === undefined
        ? this.#plain(request, prompt, sample, signal)
        : this.#form(request, form, answerTokens, prompt, sample, signal),
    );
    return Promise.all(samples).catch((error: unknown) => {
      if (signal?.aborted || error instanceof EngineError) throw error;
      throw new EngineError(`llama.cpp failed: ${(error as Error).message}`, { retryable: false, cause: error });
    });
  }

  async close(): Promise<void> {
    await this.#scheduler.close();
    await this.#options.backend.close();
  }

  async #plain(
    request: GenerateRequest,
    prompt: number[],
    sample: number,
    signal: AbortSignal | undefined,
  ): Promise<Generation> {
    // A limit that reaches over the end of the context is cut to it: an answer that gets that far ends as "length".
    const maxTokens = Math.min(request.maxTokens, this.#maxContextTokens - prompt.length);
    const program = generatePlain(prompt, this.#options.backend, {
      maxTokens,
      stop: request.stop,
      logprobs: request.logprobs ? alternatives : undefined,
      lookup: this.#options.lookup,
    });
    const outcome = await this.#scheduler.run(program, {
      sampling: { temperature: request.temperature, topP: request.topP, seed: deriveSeed(request.seed, sample) },
      tokensNeeded: prompt.length + maxTokens,
      signal,
    });
    const { text, finishReason, outputTokens, tokens } = outcome.value;
    return { text, finishReason, tokens, ...describe(outcome, prompt.length, outputTokens) };
  }

  async #form(
    request: GenerateRequest,
    form: NonNullable<GenerateRequest["form"]>,
    answerTokens: number,
    prompt: number[],
    sample: number,
    signal: AbortSignal | undefined,
  ): Promise<Generation> {
    const seed = deriveSeed(request.seed, sample);
    const program = fillForm(prompt, form, this.#options.backend, {
      temperature: request.temperature,
      random: seededRandom(deriveSeed(seed, 1)),
      maxTokens: request.maxTokens,
    });
    const outcome = await this.#scheduler.run(program, {
      sampling: { temperature: request.temperature, topP: request.topP, seed },
      tokensNeeded: prompt.length + answerTokens,
      signal,
    });
    const { text, choices, outputTokens, fixedTokens } = outcome.value;
    return { text, finishReason: "stop", choices, ...describe(outcome, prompt.length + fixedTokens, outputTokens) };
  }
}

function describe(outcome: JobOutcome<unknown>, promptTokens: number, outputTokens: number) {
  return {
    usage: { promptTokens, cachedPromptTokens: outcome.cachedTokens, outputTokens },
    milliseconds: outcome.milliseconds,
  };
}
