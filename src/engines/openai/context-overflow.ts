import { ContextOverflowError } from "../../core/errors.ts";

const signs =
  /context_length_exceeded|exceed_context_size|maximum context length|context length is only|(exceeds?|longer than) the (available |maximum )?(context|model)|exceeds? context window|than the model's context length|longer than the maximum model length|exceed the configured limit/i;

/** Wordings of servers (OpenAI, vLLM, SGLang, llama-server, llama-cpp-python), each with the length as its group. */
const promptLengths = [
  /"n_prompt_tokens"\s*:\s*(\d+)/,
  /(\d+) (?:tokens )?(?:in|from) (?:the|your) (?:messages|prompt|input)/i,
  /(\d+) input tokens/i,
  /messages resulted in (\d+) tokens/i,
  /(?:input|request|prompt)\w* \((?:length )?(\d+)(?: tokens)?\)/i,
  /requested tokens \((\d+)\)/i,
  /(\d+) tokens from the input/i,
  /you requested(?: a total of)? (\d+) tokens/i,
];
const contextLengths = [
  /"n_ctx"\s*:\s*(\d+)/,
  /context (?:length|size|window)(?: is| of)?(?: only)?\s*\(?(\d+)/i,
  /maximum model length of (\d+)/i,
  /configured limit of (\d+)/i,
];

/** The error for a prompt that does not fit, if that is what the server's message says; undefined otherwise. */
export function contextOverflow(message: string, where: string, maxTokens: number): ContextOverflowError | undefined {
  if (!signs.test(message)) return undefined;
  const promptTokens = firstNumber(message, promptLengths);
  const contextTokens = firstNumber(message, contextLengths);
  const lengths =
    promptTokens === undefined || contextTokens === undefined
      ? `the prompt and an answer of up to ${maxTokens} tokens do not fit the model's context`
      : `a prompt of ${promptTokens} tokens and an answer of up to ${maxTokens} do not fit the model's context of ${contextTokens}`;
  return new ContextOverflowError(
    `${where}: ${lengths}; serve the model with a longer context, or shorten the input. The server said: ${message}`,
    { promptTokens, contextTokens },
  );
}

function firstNumber(text: string, patterns: RegExp[]): number | undefined {
  for (const pattern of patterns) {
    const match = pattern.exec(text);
    if (match !== null) return Number(match[1]);
  }
  return undefined;
}
