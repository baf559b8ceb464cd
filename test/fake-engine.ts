import { EngineError } from "../src/core/errors.ts";
import type { Engine, EngineCapabilities, GenerateRequest, Generation } from "../src/engines/engine.ts";
import { judgeReply } from "./stub-server/judge-reply.mjs";

/** What a fake engine answers: a text, more of a generation, or a failure. Nothing gives the pretended judge's answer. */
export type FakeAnswer = string | Partial<Generation> | Error | undefined;

export interface FakeEngineOptions {
  answer?: (request: GenerateRequest, index: number) => FakeAnswer | Promise<FakeAnswer>;
  /** Resolves when an answer may come. Default: at once. */
  delay?: (request: GenerateRequest) => Promise<void>;
  capabilities?: Partial<EngineCapabilities>;
  /** Default 8. */
  concurrency?: number;
  /** Default: no bound. */
  prefixes?: number;
  model?: string;
}

/** An engine that answers by script, keeps its requests and counts what is in flight. */
export class FakeEngine implements Engine {
  readonly identity: { engine: string; model: string };
  readonly capabilities: EngineCapabilities;
  readonly concurrency: number;
  readonly prefixes: number | undefined;
  readonly requests: GenerateRequest[] = [];
  inFlight = 0;
  mostInFlight = 0;
  aborted = 0;
  closed = false;
  readonly #options: FakeEngineOptions;

  constructor(options: FakeEngineOptions = {}) {
    this.#options = options;
    this.identity = { engine: "fake", model: options.model ?? "fake-judge" };
    this.capabilities = { forms: "none", logprobs: false, sharedPrefix: false, tokens: false, ...options.capabilities };
    this.concurrency = options.concurrency ?? 8;
    this.prefixes = options.prefixes;
  }

  async generate(request: GenerateRequest, signal?: AbortSignal): Promise<Generation[]> {
    signal?.throwIfAborted();
    const index = this.requests.push(request) - 1;
    this.inFlight++;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      if (this.#options.delay !== undefined) await abortable(this.#options.delay(request), signal);
      const answer = await this.#options.answer?.(request, index);
      signal?.throwIfAborted();
      if (answer instanceof Error) throw answer;
      const text = judgeReply(request.messages, request.temperature > 0 ? request.seed : 0);
      const given = typeof answer === "string" ? { text: answer } : answer;
      const usage = { promptTokens: 100, cachedPromptTokens: 40, outputTokens: 10 };
      return [{ text, finishReason: "stop", usage, milliseconds: 5, ...given }];
    } catch (error) {
      if (signal?.aborted) this.aborted++;
      throw error;
    } finally {
      this.inFlight--;
    }
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/** Which turn a request is, by what it shows the judge. */
export function turnOf({ messages }: Pick<GenerateRequest, "messages">): "criteria" | "evaluation" | "implicit" {
  if (messages.length > 1) return "evaluation";
  return messages[0]!.content.includes("[Start of Criteria]") ? "criteria" : "implicit";
}

/** The response a request shows last. */
export function responseOf({ messages }: Pick<GenerateRequest, "messages">): string | undefined {
  return /\[Start of Response\]\n(.*?)\n\[End of Response\]/s.exec(messages.at(-1)!.content)?.[1];
}

/** A criteria answer in the default pack's form. */
export function criteriaText(...terms: string[]): string {
  const lines = terms.map((term, index) => `${index + 1}. **${term}**: How good its ${term.toLowerCase()} is.`);
  return `The query asks for something.\n\n[Start of Criteria]\n${lines.join("\n")}\n[End of Criteria]`;
}

/** An evaluation in the default pack's form: 3 for every term, and the overall score. */
export function evaluationText(terms: string[], overall: number | string): string {
  const lines = terms.map((term, index) => `${index + 1}. **${term}**: It is fair. \\boxed{3}`);
  return `${lines.join("\n")}\n\nOverall: A fair response. \\boxed{${overall}}`.trimStart();
}

/** The tests' criteria, and answers with the score that `score` gives a response. */
export const terms = ["Accuracy", "Clarity"];
export function scoring(score: (response: string, request: GenerateRequest) => number | string | Error) {
  return (request: GenerateRequest): FakeAnswer => {
    const turn = turnOf(request);
    if (turn === "criteria") return criteriaText(...terms);
    const given = score(responseOf(request)!, request);
    return given instanceof Error ? given : evaluationText(turn === "implicit" ? [] : terms, given);
  };
}

/** A failure of the kind an engine reports. */
export function engineFailure(message: string, code?: string): EngineError {
  return new EngineError(message, { retryable: false, code });
}

/** A wait of milliseconds. */
export function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** A promise that the test resolves. */
export function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function abortable(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}
