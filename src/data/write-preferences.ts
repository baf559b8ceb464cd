import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { InputError } from "../core/errors.ts";
import type { PreferencePair } from "../core/preference-pair.ts";
import { openDuckdb } from "./duckdb/open-duckdb.ts";
import { formatOfName } from "./format.ts";
import { fileError } from "./read-bytes.ts";

/** Text gathered before it goes to the file, in UTF-16 units. */
const batchLength = 1 << 18;

/** Rows of a Parquet file's row group, what a reader has to hold at once. */
const groupRows = 4096;

/**
 * Writes pairs to a file in the normal form, by its name as JSON Lines (also `.gz`) or Parquet, with flat memory. The
 * file is there as a whole or not at all; one that was there is replaced. Equal pairs give equal bytes. Returns how
 * many were written; throws `InputError` for a name or place that cannot be written, and what `pairs` throws.
 */
export async function writePreferences(
  file: string,
  pairs: AsyncIterable<PreferencePair>,
  options: { signal?: AbortSignal } = {},
): Promise<number> {
  const format = outputFormat(file);
  const part = `${file}.part`;
  const lines = format === "parquet" ? `${file}.part.jsonl` : part;
  let [count, longest] = [0, 0];
  const text = async function* () {
    let batch = "";
    for await (const pair of pairs) {
      const line = preferenceLine(pair);
      longest = Math.max(longest, line.length);
      batch += line;
      count++;
      if (batch.length < batchLength) continue;
      yield batch;
      batch = "";
    }
    if (batch !== "") yield batch;
  };
  try {
    const source = Readable.from(text(), { objectMode: true });
    const zip = file.toLowerCase().endsWith(".gz") && format === "jsonl" ? [createGzip()] : [];
    await pipeline([source, ...zip, createWriteStream(lines)], { signal: options.signal });
    if (format === "parquet") await linesToParquet(lines, part, longest);
    await rename(part, file);
    return count;
  } catch (error) {
    options.signal?.throwIfAborted();
    throw fileError(error, file);
  } finally {
    await Promise.all([rm(part, { force: true }), rm(lines, { force: true })]);
  }
}

/** Whether a file name can be written to. Throws `InputError` that says what can. */
export function outputFormat(file: string): "jsonl" | "parquet" {
  const format = formatOfName(file);
  const zipped = file.toLowerCase().endsWith(".gz");
  if (format === "jsonl" || (format === "parquet" && !zipped)) return format;
  throw new InputError("expected a name that ends in .jsonl, .jsonl.gz or .parquet", { file });
}

/** A pair as a line of JSON, members in one order. */
export function preferenceLine(pair: PreferencePair): string {
  const { id, messages, chosen, rejected, source, strength, domain } = pair;
  return `${JSON.stringify({ id, messages, chosen, rejected, source, strength, domain })}\n`;
}

/** One thread writes a Parquet file in one way, and in the order of the lines. */
async function linesToParquet(lines: string, parquet: string, longest: number): Promise<void> {
  const quoted = (path: string) => `'${path.replaceAll("'", "''")}'`;
  const columns =
    "{id: 'VARCHAR', messages: 'STRUCT(role VARCHAR, content VARCHAR)[]', chosen: 'VARCHAR', rejected: 'VARCHAR', source: 'VARCHAR', strength: 'DOUBLE', domain: 'VARCHAR'}";
  // A UTF-16 unit has at most three bytes. DuckDB takes twice this size of memory, so it is no larger than needed.
  const rowBytes = Math.max(1 << 20, longest * 3);
  await using db = await openDuckdb({ threads: 1, memoryMiB: 512 + Math.ceil((rowBytes * 6) / (1 << 20)) });
  await db.connection.run(
    `COPY (SELECT * FROM read_json(${quoted(lines)}, format = 'newline_delimited', columns = ${columns}, maximum_object_size = ${rowBytes})) TO ${quoted(parquet)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${groupRows})`,
  );
}
