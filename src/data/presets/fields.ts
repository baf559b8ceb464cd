import type { Message, Role } from "../../core/message.ts";
import { shorten } from "../shorten.ts";
import { isObjectList } from "./has-fields.ts";
import { RowFault } from "./preset.ts";

type Fields = Record<string, unknown>;

/** The text of a field. Throws `RowFault`, as all functions here do. */
export function textField(row: Fields, field: string): string {
  const value = row[field];
  if (typeof value !== "string") throw unexpectedField(row, field, "text");
  return value;
}

/** The text of a field that may be missing, null or empty. */
export function optionalText(row: Fields, field: string): string | undefined {
  const value = row[field];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") throw unexpectedField(row, field, "text or nothing");
  return value;
}

/** The number of a field, between two bounds. */
export function numberField(row: Fields, field: string, min: number, max: number): number {
  const value = typeof row[field] === "string" ? numberOf(row[field]) : row[field];
  if (typeof value !== "number" || !(value >= min && value <= max))
    throw unexpectedField(row, field, `a number from ${min} to ${max}`);
  return value;
}

/** A whole number or text that is not blank, as text. */
export function identifierField(row: Fields, field: string): string {
  const value = row[field];
  if (Number.isSafeInteger(value)) return String(value);
  if (typeof value !== "string" || value.trim() === "") throw unexpectedField(row, field, "an id that is not blank");
  return value;
}

/** What one of a few words, or of numbers, stands for. */
export function choiceField<const T>(row: Fields, field: string, choices: Readonly<Record<string, T>>): T {
  const value = row[field];
  const key = typeof value === "number" ? String(value) : value;
  if (typeof key !== "string" || !Object.hasOwn(choices, key))
    throw unexpectedField(row, field, oneOf(Object.keys(choices)));
  return choices[key]!;
}

/** Yes or no, also as 1 or 0. */
export function flagField(row: Fields, field: string): boolean {
  const value = row[field];
  return typeof value === "boolean" ? value : choiceField(row, field, { "0": false, "1": true });
}

/** A list of objects. */
export function listField(row: Fields, field: string): Fields[] {
  const value = jsonOrSame(row[field]);
  if (!isObjectList(value)) throw unexpectedField(row, field, "a list of objects");
  return value;
}

/** An object. */
export function objectField(row: Fields, field: string): Fields {
  const value = row[field];
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw unexpectedField(row, field, "an object");
  return value as Fields;
}

/** A list of texts that is not empty, in CSV written as JSON. */
export function textListField(row: Fields, field: string): string[] {
  const value = jsonOrSame(row[field]);
  if (!Array.isArray(value) || value.length === 0 || value.some((one) => typeof one !== "string"))
    throw unexpectedField(row, field, "a list of texts that is not empty");
  return value as string[];
}

/** A conversation: a list of `{role, content}`, in CSV written as JSON, or a text, which is the user's. */
export function messagesField(row: Fields, field: string): Message[] {
  const value = textOrMessages(row, field);
  return typeof value === "string" ? [{ role: "user", content: value }] : value;
}

/** A text, or a list of `{role, content}` that is not empty, in CSV written as JSON. */
export function textOrMessages(row: Fields, field: string): string | Message[] {
  const written = row[field];
  const value = typeof written === "string" ? (messageListOf(written) ?? written) : written;
  if (typeof value === "string") return value;
  if (!Array.isArray(value) || value.length === 0)
    throw unexpectedField(row, field, "text or a list of {role, content} that is not empty");
  return value.map((message, index) => messageOf(message, `${field}[${index}]`));
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
  return { role: known, content: typeof content === "string" ? content : partsText(content, `${field}.content`) };
}

/** Content as a list of parts, all of them text. */
function partsText(content: unknown, field: string): string {
  const texts = isObjectList(content)
    ? content.map((part) => (part.type === "text" && typeof part.text === "string" ? part.text : undefined))
    : [undefined];
  if (texts.includes(undefined)) throw new RowFault(field, `expected text, got ${shorten(content)}`);
  return texts.join("");
}

/** What was expected of a field and what stands there. */
export function unexpectedField(row: Fields, field: string, expected: string): RowFault {
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

/** The messages that a text holds as JSON, where it does: a response may begin with a bracket too. */
function messageListOf(text: string): unknown[] | undefined {
  const value = jsonOrSame(text);
  return isObjectList(value) && value.length > 0 && value.every((one) => "role" in one) ? value : undefined;
}

/** The list that a text holds as JSON, where it does; anything else as it is. */
function jsonOrSame(value: unknown): unknown {
  if (typeof value !== "string" || !value.trimStart().startsWith("[")) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function oneOf(words: string[]): string {
  const quoted = words.map((word) => (/^\d+$/.test(word) ? word : JSON.stringify(word)));
  return [quoted.slice(0, -1).join(", "), quoted.at(-1)].join(" or ");
}
