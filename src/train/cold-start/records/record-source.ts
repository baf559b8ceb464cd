import type { FitOptions } from "../choose-criteria.ts";
import type { Conversion } from "../cold-start-example.ts";

/** Records of one origin that conversations are made of, by a rule that its file states. */
export interface RecordSource {
  name: string;
  /** Licence of the data, as its authors name it. */
  licence: string;
  /** Where the records are from, for the model's card. */
  origin: string;
  /** Files below the data folder. */
  files: string[];
  /** Which turns its examples teach. */
  teaches: string;
  /** Conversions of the records of one file, in its order. Throws `InputError` with file, row and field for a bad file. */
  convert(file: string, options: ConvertOptions): AsyncGenerator<Conversion>;
}

export interface ConvertOptions extends FitOptions {
  signal?: AbortSignal;
}

/** A conversion that gave nothing. */
export function skipped(id: string, reason: string): Conversion {
  return { ok: false, id, reason };
}
