import type { PairNotes } from "./compare.ts";
import { identifierField, numberField, optionalText } from "./fields.ts";
import { eachRow, type Preset, type RowPairs } from "./preset.ts";
import { responsePair } from "./response-pair.ts";

/** Which columns hold a pair's parts, for files of other shapes than the known ones. */
export interface PreferenceColumns {
  /**
   * The query: a text, or the conversation up to the response as a list of `{role, content}`, in CSV as JSON. Not needed
   * where `chosen` and `rejected` are whole conversations.
   */
  prompt?: string;
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
    sourceName: "file",
    recognises: (row) => columns.chosen in row && columns.rejected in row,
    open: () => eachRow((row) => pairOf(row, columns)),
  };
}

function pairOf(row: Record<string, unknown>, columns: PreferenceColumns): RowPairs {
  const { id, strength, domain, source } = columns;
  const notes: PairNotes = {};
  if (id !== undefined) notes.id = identifierField(row, id);
  if (domain !== undefined) notes.domain = optionalText(row, domain);
  if (source !== undefined) notes.source = optionalText(row, source);
  const given = strength === undefined ? undefined : row[strength];
  if (given !== null && given !== undefined && given !== "") notes.strength = numberField(row, strength!, 0, 1);
  return responsePair(row, columns, notes);
}
