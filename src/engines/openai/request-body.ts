import type { Form } from "../../core/form.ts";
import { formFreeTokens } from "../../core/form.ts";
import type { GenerateRequest } from "../engine.ts";
import { fitForm, freeTextTokens } from "./fit-form.ts";
import { charactersPerToken, formPattern } from "./form-pattern.ts";
import { formSchema } from "./form-schema.ts";
import { patternToGbnf } from "./pattern-gbnf.ts";
import { patternToRegex } from "./pattern-regex.ts";
import type { ServerTraits } from "./server-traits.ts";

/** OpenAI's limit of stop texts; further ones are cut by us. */
const openaiStops = 4;

/** Whether a server of this dialect is given forms. */
export function takesForms(traits: ServerTraits): boolean {
  return traits.dialect !== "plain";
}

/**
 * The body of a chat completion. `extra` is merged in last and wins. At temperature 0 neither `top_p` nor `seed` is
 * sent: they change nothing, and seeded sampling is slower on some servers.
 */
export function requestBody(
  request: GenerateRequest,
  traits: ServerTraits,
  options: { model: string; n: number; seed: number; stream: boolean; extra: Record<string, unknown> },
): Record<string, unknown> {
  const form = takesForms(traits) && request.form !== undefined ? fitForm(request.form, request.maxTokens) : undefined;
  const body: Record<string, unknown> = {
    model: options.model,
    messages: request.messages,
    [traits.maxTokensMember]: form === undefined ? request.maxTokens : formTokens(form, request.maxTokens, traits),
    temperature: request.temperature,
  };
  if (request.temperature > 0) {
    body.top_p = request.topP;
    body.seed = options.seed;
  }
  if (options.n > 1) body.n = options.n;
  const stop = sentStops(request, traits);
  if (stop.length > 0) body.stop = stop;
  if (request.logprobs === true && traits.logprobs) {
    body.logprobs = true;
    body.top_logprobs = traits.topLogprobs;
  }
  if (options.stream) {
    body.stream = true;
    if (traits.streamUsage) body.stream_options = { include_usage: true };
  }
  if (form !== undefined) Object.assign(body, formMembers(form, traits));
  return Object.assign(body, options.extra);
}

function sentStops(request: GenerateRequest, traits: ServerTraits): string[] {
  if (traits.dialect !== "openai") return request.stop;
  // Inside JSON a stop would end the document in its middle; the text that is put together is cut instead.
  return request.form === undefined ? request.stop.slice(0, openaiStops) : [];
}

const written = new WeakMap<Form, Map<string, Record<string, unknown>>>();

/** Structured output in the server's words. Kept per form: a judge sends one form thousands of times. */
function formMembers(form: Form, traits: ServerTraits): Record<string, unknown> {
  const key = `${traits.dialect} ${traits.vllmGuided}`;
  const known = written.get(form)?.get(key);
  if (known !== undefined) return known;
  const members = writeForm(form, traits);
  written.set(form, (written.get(form) ?? new Map()).set(key, members));
  return members;
}

function writeForm(form: Form, traits: ServerTraits): Record<string, unknown> {
  switch (traits.dialect) {
    case "llama-server":
      return { grammar: patternToGbnf(formPattern(form)) };
    case "vllm": {
      const regex = patternToRegex(formPattern(form));
      return traits.vllmGuided ? { guided_regex: regex } : { structured_outputs: { regex } };
    }
    case "sglang":
      return { regex: patternToRegex(formPattern(form)) };
    case "openai":
      return {
        response_format: {
          type: "json_schema",
          json_schema: { name: "answer", strict: true, schema: formSchema(form) },
        },
      };
    case "plain":
      return {};
  }
}

/**
 * The limit that is sent with a form. Where a pattern bounds the answer, the limit must not end it before its last box:
 * digits and signs are a token each, so it leaves one for every character that the pattern allows.
 */
function formTokens(form: Form, maxTokens: number, traits: ServerTraits): number {
  const bound = traits.dialect === "openai" ? maxTokens : charactersPerToken * freeTextTokens(form);
  return Math.max(maxTokens, bound) + fixedAllowance(form, traits);
}

/**
 * Tokens on top of the free text's limit for what the form fixes: one for two bytes, which no tokenizer of a judge
 * exceeds on such text; for JSON also the names and quotes of every member.
 */
function fixedAllowance(form: Form, traits: ServerTraits): number {
  let bytes = 0;
  let members = 0;
  for (const part of form.parts) {
    if (part.kind === "fixed") bytes += Buffer.byteLength(part.text);
    else if (part.kind === "repeat") {
      const inner = part.parts.reduce(
        (sum, each) => sum + (each.kind === "fixed" ? Buffer.byteLength(each.text) : 0),
        0,
      );
      bytes += part.max * (Buffer.byteLength(part.open) + inner) + Buffer.byteLength(part.close);
      members += part.max * part.parts.length + 1;
    } else members += 1;
  }
  const choices = Math.max(0, formFreeTokens(form) - freeTextTokens(form));
  return choices + (traits.dialect === "openai" ? members * 16 : Math.ceil(bytes / 2));
}
