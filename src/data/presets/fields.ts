import type { Message, Role } from "../../core/message.ts";
import { shorten } from "../shorten.ts";
import { RowFault } from "./preset.ts";

type Fields = Record<string, unknown>;

/** The text of a field. Throws `RowFault`, as all functions here do. */
export function textField(row: Fields, field: string): string {
  const value = row[field];
  if (typeof value !== "string") throw unexpected(row, field, "text");
  return value;
}

/** The text of a field that may be missing, null or empty. */
export function optionalText(row: Fields, field: string): string | undefined {
  const value = row[field];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") throw unexpected(row, field, "text or nothing");
  return value;
}

/** The number of a field, between two bounds. */
export function numberField(row: Fields, field: string, min: number, max: number): number {
  const value = typeof row[field] === "string" ? numberOf(row[field]) : row[field];
  if (typeof value !== "number" || !(value >= min && value <= max))
    throw unexpected(row, field, `a number from ${min} to ${max}`);
  return value;
}

/** A conversation: a list of `{role, content}`, in CSV written as JSON, or a text, which is the user's. */
export function messagesField(row: Fields, field: string): Message[] {
  const value = row[field];
  if (typeof value === "string" && !value.startsWith("[")) return [{ role: "user", content: value }];
  const list = typeof value === "string" ? (jsonOf(value) ?? value) : value;
  if (typeof list === "string") return [{ role: "user", content: list }];
  if (!Array.isArray(list) || list.length === 0)
    throw unexpected(row, field, "text or a list of {role, content} that is not empty");
  return list.map((message, index) => messageOf(message, `${field}[${index}]`));
}

const roles: Record<string, Role> = {
  system: "system",
  user: "user",
  assistant: "assistant",
  human: "user",
  prompter: "user",
  gpt: "assistant",
  bot: "assistant",
  model: "assistant",
};

function messageOf(value: unknown, field: string): Message {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw new RowFault(field, `expected {"role", "content"}, got ${shorten(value)}`);
  const { role, content } = value as Fields;
  const known = typeof role === "string" ? roles[role] : undefined;
  if (known === undefined)
    throw new RowFault(`${field}.role`, `expected "system", "user" or "assistant", got ${shorten(role)}`);
  if (typeof content !== "string") throw new RowFault(`${field}.content`, `expected text, got ${shorten(content)}`);
  return { role: known, content };
}

/** What was expected of a field and what stands there. */
export function unexpected(row: Fields, field: string, expected: string): RowFault {
  if (!(field in row))
    return new RowFault(
      field,
      `the field is missing; the row has ${Object.keys(row).slice(0, 12).join(", ") || "no fields"}`,
    );
  return new RowFault(field, `expected ${expected}, got ${shorten(row[field])}`);
}

function numberOf(text: string): number | undefined {
  return text.trim() === "" ? undefined : Number(text);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
