import { EngineError } from "../../core/errors.ts";
import { isCongestionStatus, isRetryableStatus } from "../../core/retry.ts";
import type { GenerateRequest, Generation } from "../engine.ts";
import {
  type AttemptFailure,
  malformedFailure,
  shownText,
  statusFailure,
  transportFailure,
} from "./attempt-failure.ts";
import { type Completion, type Read, readCompletion } from "./completion.ts";
import { CompletionStream } from "./completion-stream.ts";
import { contextOverflow } from "./context-overflow.ts";
import { readGenerations } from "./generations.ts";
import type { HttpClient, HttpResponse } from "./http-client.ts";
import type { ResolvedOptions } from "./options.ts";
import { requestBody } from "./request-body.ts";
import { learnFromRefusal, type ServerTraits } from "./server-traits.ts";

/** What every attempt on a server shares. */
export interface CompletionContext {
  http: HttpClient;
  traits: ServerTraits;
  model: string;
  path: string;
  /** The server's address as it is shown. */
  where: string;
  redact: (text: string) => string;
  options: ResolvedOptions;
}

interface Asked {
  n: number;
  seed: number;
  /** When the request got its place, in milliseconds. */
  started: number;
  signal?: AbortSignal;
}

/**
 * Asks for a completion once. A refusal that teaches something about the server (no `max_tokens`, fewer alternatives) is
 * answered at once with a body the server takes and is no attempt of its own.
 */
export async function attemptCompletion(
  context: CompletionContext,
  request: GenerateRequest,
  asked: Asked,
): Promise<Generation[] | AttemptFailure> {
  const { options, traits, redact, where } = context;
  for (;;) {
    const n = traits.manyChoices ? asked.n : 1;
    const extra = options.extraBody;
    const body = requestBody(request, traits, {
      model: context.model,
      n,
      seed: asked.seed,
      stream: options.stream,
      extra,
    });
    const stream = body.stream === true ? new CompletionStream() : undefined;
    const response = await context.http.send({
      method: "POST",
      path: context.path,
      body: JSON.stringify(body),
      firstByteMs: options.firstTokenMs,
      totalMs: options.totalMs,
      signal: asked.signal,
      onData: stream === undefined ? undefined : (chunk) => stream.push(chunk),
    });
    if (response.kind === "failed") return transportFailure(response.failure, redact, where);
    if (response.status < 200 || response.status >= 300) {
      if (response.status !== 429 && learnFromRefusal(traits, body, response.text)) continue;
      return refusal(context, request, response);
    }
    const read = stream === undefined ? readCompletion(response.text) : stream.finish();
    if (read.kind === "server-error" && learnFromRefusal(traits, body, read.message)) continue;
    return readAnswer(context, request, read, { ...asked, n, body });
  }
}

function readAnswer(
  context: CompletionContext,
  request: GenerateRequest,
  read: Read<Completion>,
  asked: Asked & { body: Record<string, unknown> },
): Generation[] | AttemptFailure {
  const { traits, redact, where, options } = context;
  if (read.kind === "server-error") return errorInBody(context, request, read.message, read.status);
  if (read.kind === "malformed") return malformedFailure(read.problem, redact, where);
  const { choices } = read.value;
  if (choices.length === 1 && asked.n > 1) traits.manyChoices = false;
  else if (choices.length < asked.n) {
    return malformedFailure(`it has ${choices.length} choices, ${asked.n} were asked for`, redact, where);
  }
  choices.length = Math.min(choices.length, asked.n);
  const generations = readGenerations(read.value, request, {
    where,
    redact,
    milliseconds: options.clock.now() - asked.started,
    sentMaxTokens: Number(asked.body[traits.maxTokensMember] ?? request.maxTokens),
    assembled: request.form !== undefined && traits.dialect === "openai",
  });
  return generations instanceof EngineError ? { error: generations, congested: false } : generations;
}

/** What a response with an error status means for the caller. */
function refusal(context: CompletionContext, request: GenerateRequest, response: HttpResponse): AttemptFailure {
  const { where, redact, traits, options } = context;
  const shown = shownText(response.text, redact);
  // llama-cpp-python reports some of its 400s as 500.
  const overflow = response.status === 429 ? undefined : contextOverflow(shown, where, request.maxTokens);
  if (overflow !== undefined) return { error: overflow, congested: false };
  const failure = statusFailure(response, shown, where, options.clock.now());
  if (!failure.error.retryable && request.form !== undefined && namesForm(shown)) {
    const error = new EngineError(
      `${where}: the server refused the structured output sent in the dialect "${traits.dialect}" (HTTP ${response.status}: ${shown}); choose the dialect "plain" to send none`,
      { retryable: false, status: response.status, code: "form-refused" },
    );
    return { error, congested: false };
  }
  return failure;
}

function errorInBody(
  context: CompletionContext,
  request: GenerateRequest,
  message: string,
  status: number | undefined,
): AttemptFailure {
  const shown = shownText(message, context.redact);
  const overflow = contextOverflow(shown, context.where, request.maxTokens);
  if (overflow !== undefined) return { error: overflow, congested: false };
  const error = new EngineError(`${context.where}: the server put an error into its answer: ${shown}`, {
    retryable: status === undefined || isRetryableStatus(status),
    ...(status === undefined ? {} : { status }),
    code: "error-in-answer",
  });
  return { error, congested: status !== undefined && isCongestionStatus(status) };
}

function namesForm(text: string): boolean {
  return /grammar|regex|structured|guided|response_format|json_schema|schema/i.test(text);
}
