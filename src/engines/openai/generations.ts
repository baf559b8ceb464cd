import { EngineError } from "../../core/errors.ts";
import type { GenerateRequest, Generation, TokenLogprob } from "../engine.ts";
import { shownText } from "./attempt-failure.ts";
import type { Completion, ServerLogprobs } from "./completion.ts";
import { assembleForm } from "./form-assemble.ts";

type Choice = Completion["choices"][number];

/** What a completion becomes: its generations, or the error it stands for. */
export type GenerationsOrError = Generation[] | EngineError;

/**
 * Reads a completion's choices as generations.
 *
 * Usage: the server counts a whole completion. The first generation carries the prompt; output tokens are shared out by
 * length of text. Members the server did not give are 0.
 *
 * `assembled`: the form was sent as a JSON schema, so the content is JSON of which the form's text is put together. Its
 * tokens would not be those of the text, so they are left out.
 */
export function readGenerations(
  completion: Completion,
  request: GenerateRequest,
  options: {
    where: string;
    redact: (text: string) => string;
    milliseconds: number;
    sentMaxTokens: number;
    assembled: boolean;
  },
): GenerationsOrError {
  const { choices } = completion;
  const outputTokens = shareTokens(completion.usage?.completion_tokens ?? 0, choices);
  const generations: Generation[] = [];
  for (const [index, choice] of choices.entries()) {
    const finished = finishReason(choice, outputTokens[index]!, options);
    if (finished instanceof EngineError) return finished;
    const content = choice.message.content ?? "";
    const form = options.assembled ? request.form : undefined;
    const assembled = form === undefined ? undefined : assembleForm(form, content, finished === "length");
    if (assembled?.kind === "mismatch") {
      return new EngineError(
        `${options.where}: the answer does not fit the JSON schema that was sent: ${shownText(assembled.problem, options.redact)}`,
        {
          retryable: false,
          code: "schema-mismatch",
        },
      );
    }
    // Content that is no JSON at all: the server ignored the schema, and this is the model's own text.
    const whole = assembled?.kind === "text" ? assembled.text : content;
    const end = firstStop(whole, request.stop);
    const tokens = assembled === undefined ? readTokens(choice.logprobs?.content ?? [], end) : undefined;
    generations.push({
      text: whole.slice(0, end),
      finishReason: end < whole.length ? "stop" : finished,
      usage: {
        promptTokens: index === 0 ? (completion.usage?.prompt_tokens ?? 0) : 0,
        cachedPromptTokens: index === 0 ? (completion.usage?.prompt_tokens_details?.cached_tokens ?? 0) : 0,
        outputTokens: outputTokens[index]!,
      },
      ...(tokens === undefined || request.logprobs !== true ? {} : { tokens }),
      milliseconds: options.milliseconds,
    });
  }
  return generations;
}

/**
 * Servers' words for how an answer ended. A missing or unknown one is read as `"length"` where the server counted as
 * many tokens as were allowed, else as `"stop"`.
 */
function finishReason(
  choice: Choice,
  outputTokens: number,
  options: { where: string; redact: (text: string) => string; sentMaxTokens: number },
): Generation["finishReason"] | EngineError {
  if (choice.message.refusal) {
    const detail = shownText(choice.message.refusal, options.redact);
    return new EngineError(`${options.where}: the model refused: ${detail}`, { retryable: false, code: "refused" });
  }
  switch (choice.finish_reason) {
    case "stop":
      return "stop";
    case "length":
    case "max_tokens":
      return "length";
    case "content_filter":
      return new EngineError(`${options.where}: the server's content filter withheld the answer`, {
        retryable: false,
        code: "content-filter",
      });
    case "abort":
    case "error":
      return new EngineError(
        `${options.where}: the server gave the answer up (finish_reason "${choice.finish_reason}")`,
        {
          retryable: true,
          code: "server-gave-up",
        },
      );
    default:
      return outputTokens >= options.sentMaxTokens ? "length" : "stop";
  }
}

/** Shares a count out by length of text; the shares add up to the count. */
function shareTokens(total: number, choices: Choice[]): number[] {
  const lengths = choices.map((choice) => (choice.message.content ?? "").length);
  let left = total;
  let lengthLeft = lengths.reduce((sum, length) => sum + length, 0);
  return lengths.map((length, index) => {
    const last = index === lengths.length - 1;
    const share = last || lengthLeft === 0 ? (last ? left : 0) : Math.round((left * length) / lengthLeft);
    left -= share;
    lengthLeft -= length;
    return share;
  });
}

/** Servers cut at the stops themselves; this holds for those that keep them or take only some. */
function firstStop(text: string, stops: string[]): number {
  let end = text.length;
  for (const stop of stops) {
    const at = stop === "" ? -1 : text.indexOf(stop);
    if (at >= 0 && at < end) end = at;
  }
  return end;
}

function readTokens(entries: NonNullable<ServerLogprobs>, end: number): TokenLogprob[] | undefined {
  if (entries.length === 0) return undefined;
  const tokens: TokenLogprob[] = [];
  let offset = 0;
  for (const entry of entries) {
    if (offset >= end && tokens.length > 0) break;
    offset += entry.token.length;
    tokens.push({
      ...(entry.id === undefined ? {} : { id: entry.id }),
      text: entry.token,
      logprob: entry.logprob,
      ...(entry.top_logprobs
        ? {
            top: entry.top_logprobs.map(({ id, token, logprob }) => ({
              ...(id === undefined ? {} : { id }),
              text: token,
              logprob,
            })),
          }
        : {}),
    });
  }
  return tokens;
}
