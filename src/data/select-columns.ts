import { shorten } from "./shorten.ts";

/** Which columns hold an item's parts. What is not named is not read. */
export interface ItemColumns {
  id?: string;
  /** The query's text. */
  query?: string;
  /** A conversation: a list of `{role, content}`, in CSV as JSON. */
  messages?: string;
  /** A list of names: one column per response. One name: a column that holds a list, in CSV as JSON. */
  responses?: string[] | string;
  /** Criteria: text, or a list, in CSV as JSON. */
  criteria?: string;
}

/** The names of the columns to read. */
export function columnNames(columns: ItemColumns): string[] {
  const { id, query, messages, responses, criteria } = columns;
  const names = [id, query, messages, ...(Array.isArray(responses) ? responses : [responses]), criteria];
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** The item as users write it in JSON, from the named columns of a row. */
export function selectColumns(row: Record<string, unknown>, columns: ItemColumns): Record<string, unknown> {
  const item: Record<string, unknown> = {};
  for (const field of ["id", "query", "messages", "criteria"] as const) {
    const name = columns[field];
    if (name !== undefined) item[field] = row[name];
  }
  const { responses } = columns;
  if (Array.isArray(responses)) item.responses = responses.map((name) => row[name]);
  else if (responses !== undefined) item.responses = row[responses];
  return item;
}

/** What the user's file calls a field of an item: the column's name where columns were named. */
export function columnOfField(field: string, columns: ItemColumns | undefined): string {
  const [, part, index, rest = ""] = /^(\w+)(?:\[(\d+)\])?(.*)$/s.exec(field) ?? [];
  const named = columns?.[part as keyof ItemColumns];
  if (named === undefined) return field;
  if (typeof named === "string") return named + (index === undefined ? "" : `[${index}]`) + rest;
  return index === undefined ? named.join(", ") : named[Number(index)]! + rest;
}

/**
 * Reads the cells of CSV and Parquet that stand for something other than text: lists written as JSON. An empty CSV cell
 * of an optional field counts as absent. Returns the field and the reason where a cell is not what it should be.
 */
export function decodeCells(
  item: Record<string, unknown>,
): { ok: true; item: Record<string, unknown> } | { ok: false; field: string; message: string } {
  const decoded = { ...item };
  for (const field of ["id", "query", "messages", "criteria"]) if (decoded[field] === "") decoded[field] = null;
  for (const field of ["messages", "responses", "criteria"]) {
    const cell = decoded[field];
    if (typeof cell !== "string" || (field === "criteria" && !cell.trimStart().startsWith("["))) continue;
    try {
      decoded[field] = JSON.parse(cell);
    } catch {
      return { ok: false, field, message: `expected a list written as JSON, got ${shorten(cell)}` };
    }
  }
  return { ok: true, item: decoded };
}
