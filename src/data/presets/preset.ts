import type { Message } from "../../core/message.ts";
import type { RowPlace } from "../row.ts";

/** A known shape of preference data: how its rows become pairs, and what one has to know before using it. */
export interface Preset {
  /** What `--preset` takes, and the first part of a pair's source. */
  name: string;
  title: string;
  url: string;
  /** The licence that the data's own pages name; `null` where they name none. */
  licence: string | null;
  /** Whether that licence lets the data into a model that is shipped. */
  shippable: boolean;
  /** What one row gives, in a line. */
  gives: string;
  /** What a pair's strength stands for; `null` where the source says nothing about it. */
  strength: string | null;
  /** What one has to know before training on it. */
  caveat?: string;
  /** What a pair's source begins with: this preset's name where absent, the file's name, or nothing but the row's own. */
  sourceName?: "file" | "row";
  /** Whether a row of a file looks like this. Presets are asked in their order; the first that says yes is taken. */
  recognises(row: Record<string, unknown>): boolean;
  /** Names of files that stand beside the data and hold no pairs of their own. */
  companions?: readonly string[];
  /** Starts on a file. Throws `InputError` where what it needs beside the file cannot be had. */
  open(file: PresetFile): RowReader | Promise<RowReader>;
}

/** The file that is read. */
export interface PresetFile {
  /** Its path as given. */
  path: string;
  signal?: AbortSignal;
}

/** A row of the file, as it was written. */
export interface PresetRow {
  value: Record<string, unknown>;
  where: RowPlace;
}

/** A pair before it has an id; `source` is the collection's own part, where it names one. */
export interface PairDraft {
  messages: Message[];
  chosen: string;
  rejected: string;
  strength?: number;
  domain?: string;
  source?: string;
  /** Its own id; only the normal form has one. */
  id?: string;
}

/** The pairs of a row, or why it has none. */
export type RowPairs = PairDraft[] | string;

/** What became of a row; `fault` is an error thrown by what reads fields. */
export interface RowOutcome {
  where: RowPlace;
  pairs: RowPairs | RowFault;
}

/** What is wrong with a field of a row, and which row it is. */
export class RowFault extends Error {
  override name = "RowFault";
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** Takes a file's rows one after the other. Outcomes come in the order of the rows, one for each. */
export interface RowReader {
  /** The outcomes that are known with this row: its own, or those of the rows before that waited for it. */
  push(row: PresetRow): RowOutcome[];
  /** The outcomes that are known at the file's end. */
  end(): RowOutcome[];
}

/** A reader of rows that each stand for themselves. */
export function eachRow(pairsOf: (row: Record<string, unknown>) => RowPairs): RowReader {
  return {
    push: ({ value, where }) => [{ where, pairs: orFault(() => pairsOf(value)) }],
    end: () => [],
  };
}

/** Runs the reading of a row; a `RowFault` is its value, anything else that is thrown is a bug. */
export function orFault<T>(read: () => T): T | RowFault {
  try {
    return read();
  } catch (error) {
    if (error instanceof RowFault) return error;
    throw error;
  }
}
