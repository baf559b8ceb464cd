import type * as z from "zod";
import type { Call, CallOptions } from "./call.ts";
import { parseJson } from "./read-answer.ts";

/** A call with a JSON body (none for a GET) whose answer is JSON of the schema. */
export async function callJson<T>(
  call: Call,
  options: Omit<CallOptions, "body" | "method"> & { method?: CallOptions["method"]; json?: unknown },
  schema: z.ZodType<T>,
): Promise<T> {
  const { json, ...rest } = options;
  const answer = await call({
    method: json === undefined ? "GET" : "POST",
    ...rest,
    ...(json === undefined
      ? {}
      : { body: JSON.stringify(json), headers: { "content-type": "application/json", ...rest.headers } }),
  });
  return parseJson(rest.what, answer, schema);
}
