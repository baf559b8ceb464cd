import type { z } from "zod";
import { nearest } from "../core/nearest.ts";
import { knownFields } from "./item-schema.ts";
import { grouped, shorten } from "./shorten.ts";

/** What is wrong with a field of an item, in the words of an error message. */
export interface FieldProblem {
  /** `responses[1].text` */
  field: string;
  message: string;
}

/** Words the problem that explains most: an unknown field before what is missing because of it. */
export function describeIssues(issues: z.core.$ZodIssue[], row: unknown): FieldProblem {
  return describeIssue(issues.find((issue) => issue.code === "unrecognized_keys") ?? issues[0]!, row);
}

/** Words one schema issue. `row` is the row as the user wrote it, for what was got. */
function describeIssue(issue: z.core.$ZodIssue, row: unknown): FieldProblem {
  const { path, value } = follow(row, issue.path);
  const field = fieldName(path);
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0]!;
    const known =
      knownFields[issue.path.length === 0 ? "item" : (issue.path[0] as "messages" | "responses" | "criteria")];
    const meant = nearest(key, known);
    const hint = meant === undefined ? "" : `; did you mean "${meant}"?`;
    return { field: fieldName([...path, key]), message: `unknown field (known: ${known.join(", ")})${hint}` };
  }
  if (issue.code === "custom") {
    return {
      field,
      message: issue.message + (typeof value === "string" && value.trim() === "" ? `; got ${shorten(value)}` : ""),
    };
  }
  if (issue.code === "too_big") {
    const size = typeof value === "string" ? value.length : 0;
    const message = `the response has ${grouped(size)} characters, the limit is ${grouped(Number(issue.maximum))}; shorten it or raise the limit`;
    return { field, message };
  }
  if (issue.code === "too_small") return { field, message: "expected at least one, got an empty list" };
  if (issue.code === "invalid_value") {
    const meant = typeof value === "string" ? nearest(value, issue.values.map(String)) : undefined;
    const hint = meant === undefined ? "" : `; did you mean "${meant}"?`;
    return {
      field,
      message: `expected ${issue.values.map((one) => `"${String(one)}"`).join(", ")}, got ${shorten(value)}${hint}`,
    };
  }
  return { field, message: `expected ${expectation(issue)}, got ${shorten(value)}` };
}

function expectation(issue: z.core.$ZodIssue): string {
  const [top, index, member] = issue.path;
  if (member === undefined && index !== undefined) {
    if (top === "responses") return 'text or {"id", "text"}';
    if (top === "criteria") return '"Term: description" or {"term", "description"}';
    if (top === "messages") return '{"role", "content"}';
  }
  if (index === undefined && top === "responses") return 'a list of texts or of {"id", "text"}';
  if (index === undefined && top === "criteria")
    return 'text, or a list of "Term: description" or {"term", "description"}';
  if (index === undefined && top === "messages") return 'a list of {"role", "content"}';
  if (issue.code === "invalid_type") return names[issue.expected] ?? issue.expected;
  return issue.message;
}

const names: Record<string, string> = { string: "text", array: "a list", object: "an object" };

/** The part of a path that exists in the row (a text response has no `text` member), and the value there. */
function follow(row: unknown, path: PropertyKey[]): { path: PropertyKey[]; value: unknown } {
  let value = row;
  for (const [depth, key] of path.entries()) {
    if (value === null || typeof value !== "object") return { path: path.slice(0, depth), value };
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return { path, value };
}

function fieldName(path: PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : `${index === 0 ? "" : "."}${String(key)}`))
    .join("");
}
