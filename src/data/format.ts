import { InputError } from "../core/errors.ts";

/** How rows are written. JSON Lines: an object a line; JSON: one array of objects; CSV: with a header line. */
export type RowFormat = "jsonl" | "json" | "csv" | "parquet";

const formatOfExtension: Record<string, RowFormat> = {
  jsonl: "jsonl",
  ndjson: "jsonl",
  json: "json",
  csv: "csv",
  parquet: "parquet",
};

/** The format a file name stands for, `.gz` aside. Throws `InputError` for an extension that is not known. */
export function formatOfName(name: string): RowFormat {
  const extension = /\.([^./\\]+)$/.exec(name.toLowerCase().replace(/\.gz$/, ""))?.[1];
  const format = extension === undefined ? undefined : formatOfExtension[extension];
  if (format !== undefined) return format;
  const got = extension === undefined ? "no file extension" : `extension ".${extension}"`;
  throw new InputError(
    `cannot tell the format from ${got}; expected .jsonl, .ndjson, .json, .csv or .parquet (each also .gz): rename the file or set the format`,
    { file: name },
  );
}
