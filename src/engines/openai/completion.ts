import { z } from "zod";

const logprobEntry = z.object({
  token: z.string(),
  logprob: z.number(),
  id: z.number().int().optional(),
});

const logprobs = z
  .object({
    content: z.array(logprobEntry.extend({ top_logprobs: z.array(logprobEntry).nullish() })).nullish(),
  })
  .nullish();

const usage = z
  .object({
    prompt_tokens: z.number().nullish(),
    completion_tokens: z.number().nullish(),
    prompt_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
  })
  .nullish();

const completionSchema = z.object({
  choices: z.array(
    z.object({
      index: z.number().int().nullish(),
      finish_reason: z.string().nullish(),
      message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
      logprobs,
    }),
  ),
  usage,
});

const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        index: z.number().int().nullish(),
        finish_reason: z.string().nullish(),
        delta: z
          .object({
            content: z.string().nullish(),
            refusal: z.string().nullish(),
            reasoning_content: z.string().nullish(),
            reasoning: z.string().nullish(),
          })
          .nullish(),
        logprobs,
      }),
    )
    .nullish(),
  usage,
});

/** A chat completion as servers send it, with its choices in the order of their index. */
export type Completion = z.infer<typeof completionSchema>;
export type CompletionChunk = z.infer<typeof chunkSchema>;
export type ServerLogprobs = NonNullable<NonNullable<Completion["choices"][number]["logprobs"]>["content"]>;

/** A body as a typed value, the error the server put into it, or what is wrong with it. */
export type Read<T> =
  | { kind: "value"; value: T }
  | { kind: "server-error"; message: string; status: number | undefined }
  | { kind: "malformed"; problem: string };

export function readCompletion(text: string): Read<Completion> {
  const result = read(text, completionSchema);
  if (result.kind === "value") result.value.choices.sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
  return result;
}

export function readChunk(text: string): Read<CompletionChunk> {
  return read(text, chunkSchema);
}

function read<T>(text: string, schema: z.ZodType<T>): Read<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, and half a secret in a quote could not be hidden.
    return { kind: "malformed", problem: `not JSON (${text.length} characters)` };
  }
  const serverError = readServerError(json);
  if (serverError !== undefined) return serverError;
  const parsed = schema.safeParse(json);
  if (parsed.success) return { kind: "value", value: parsed.data };
  const issue = parsed.error.issues[0]!;
  return { kind: "malformed", problem: `${issue.path.join(".") || "the body"}: ${issue.message}` };
}

/** Some servers answer 200 and put the error into the body. */
function readServerError(json: unknown): Read<never> | undefined {
  if (typeof json !== "object" || json === null || !("error" in json)) return undefined;
  const { error } = json;
  if (error === null || error === undefined) return undefined;
  const { message, code } = typeof error === "object" ? (error as { message?: unknown; code?: unknown }) : {};
  return {
    kind: "server-error",
    message: typeof message === "string" ? message : JSON.stringify(error),
    status: typeof code === "number" && code >= 400 && code < 600 ? code : undefined,
  };
}
