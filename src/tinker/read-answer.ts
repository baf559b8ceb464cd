import type * as z from "zod";
import type { HttpAnswer } from "./http.ts";
import { TinkerError } from "./tinker-error.ts";

/** Whether an answer says that it is protobuf; everything else is read as JSON. */
export function isProtobuf({ contentType }: HttpAnswer): boolean {
  return contentType === "application/x-protobuf" || contentType === "application/protobuf";
}

/** Reads a JSON answer by its schema. Throws a `bad-answer` that says which member is wrong. */
export function parseJson<T>(what: string, answer: HttpAnswer, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(answer.body.toString("utf8"));
  } catch (cause) {
    throw badAnswer(what, `not JSON (content type ${answer.contentType || "missing"})`, cause);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw badAnswer(what, `${path.join(".") || "the answer"}: ${message}`);
}

export function badAnswer(what: string, problem: string, cause?: unknown): TinkerError {
  const message = `${what}: the server's answer is not as the protocol has it: ${problem}. Is it a Tinker server of a version this client knows?`;
  return new TinkerError("bad-answer", message, { cause });
}
