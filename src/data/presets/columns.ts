import { messagesField, numberField, optionalText, textField } from "./fields.ts";
import { eachRow, type PairDraft, type Preset, RowFault } from "./preset.ts";

/** Which columns hold a pair's parts, for files of other shapes than the known ones. */
export interface PreferenceColumns {
  /** The query's text. Give this or `messages`. */
  prompt?: string;
  /** The conversation up to the responses: a list of `{role, content}`, in CSV as JSON. */
  messages?: string;
  chosen: string;
  rejected: string;
  id?: string;
  /** A number from 0 to 1. */
  strength?: string;
  domain?: string;
  /** The collection's own part, which goes behind the source's name. */
  source?: string;
}

/** A preset for files whose columns the user names. */
export function columnsPreset(columns: PreferenceColumns): Preset {
  return {
    name: "columns",
    title: "Named columns",
    url: "",
    licence: null,
    shippable: false,
    gives: "one pair",
    strength: columns.strength === undefined ? null : `the column ${columns.strength}`,
    recognises: (row) => columns.chosen in row && columns.rejected in row,
    open: () => eachRow((row) => [draftOf(row, columns)]),
  };
}

function draftOf(row: Record<string, unknown>, columns: PreferenceColumns): PairDraft {
  const { prompt, messages, strength } = columns;
  const draft: PairDraft = {
    messages:
      messages === undefined ? [{ role: "user", content: textField(row, prompt!) }] : messagesField(row, messages),
    chosen: textField(row, columns.chosen),
    rejected: textField(row, columns.rejected),
  };
  if (columns.id !== undefined) draft.id = idField(row, columns.id);
  if (columns.domain !== undefined) draft.domain = optionalText(row, columns.domain);
  if (columns.source !== undefined) draft.source = optionalText(row, columns.source);
  if (strength !== undefined && row[strength] !== null && row[strength] !== "")
    draft.strength = numberField(row, strength, 0, 1);
  return draft;
}

function idField(row: Record<string, unknown>, field: string): string {
  const value = row[field];
  if (Number.isSafeInteger(value)) return String(value);
  const text = textField(row, field);
  if (text.trim() === "") throw new RowFault(field, "expected an id that is not blank");
  return text;
}
