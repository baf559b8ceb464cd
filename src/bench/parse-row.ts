import { z } from "zod";
import { InputError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { shorten } from "../data/shorten.ts";
import type { BenchRow } from "./bench-rows.ts";

/** The row by the schema of its benchmark. Throws `InputError` with file, line, row and field. */
export function parseRow<T extends z.ZodType>(schema: T, row: BenchRow): z.output<T> {
  const parsed = schema.safeParse(row.value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const got = issue.path.reduce<unknown>(
    (value, part) => (value as Record<PropertyKey, unknown> | undefined)?.[part],
    row.value,
  );
  throw rowError(row, fieldName(issue.path), describe(issue, got, row));
}

/** What is wrong with a field of a row. */
export function rowError(row: BenchRow, field: string, message: string): InputError {
  const { file, line } = row.where;
  return new InputError(`row ${row.where.row} (from 0): ${message}`, { file, line, field });
}

function describe(issue: z.core.$ZodIssue, got: unknown, row: BenchRow): string {
  const missing = got === undefined;
  if (missing && issue.path.length === 1)
    return `the field is missing; the row has ${Object.keys(row.value).slice(0, 12).join(", ") || "no fields"}`;
  if (issue.code === "invalid_value") {
    const allowed = issue.values.map(String);
    const meant = typeof got === "string" ? nearest(got, allowed) : undefined;
    return `expected ${allowed.map((value) => JSON.stringify(value)).join(" or ")}, got ${shorten(got)}${meant === undefined ? "" : `; did you mean ${JSON.stringify(meant)}?`}`;
  }
  if (issue.code === "invalid_type")
    return `expected ${typeNames[issue.expected] ?? issue.expected}, got ${shorten(got)}`;
  if (issue.code === "too_small" || issue.code === "too_big") {
    const bound = `${issue.code === "too_small" ? "at least" : "at most"} ${issue.code === "too_small" ? issue.minimum : issue.maximum}`;
    return `expected ${bound}${issue.origin === "array" ? " entries" : ""}, got ${shorten(got)}`;
  }
  return issue.code === "custom" || issue.code === "invalid_union"
    ? `${issue.message}, got ${shorten(got)}`
    : issue.message;
}

const typeNames: Record<string, string> = {
  string: "text",
  array: "a list",
  object: "an object",
  int: "a whole number",
  number: "a number",
  boolean: "true or false",
};

function fieldName(path: PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${String(part)}`))
    .join("");
}

/** A query as data sets write it: a text, or a list of messages. */
export const conversation = z.union(
  [z.string(), z.array(z.object({ role: z.enum(["system", "user", "assistant"]), content: z.string() })).min(1)],
  { error: "expected text or a list of {role, content}" },
);

/** An id as data sets write it: text or a number. */
export const identifier = z.union([z.string(), z.number()], { error: "expected text or a number" }).transform(String);
