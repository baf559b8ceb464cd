import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { InputError } from "../core/errors.ts";
import { IdIndex } from "./id-index.ts";
import { shorten } from "./shorten.ts";
import { RecordPieces } from "./text-record.ts";

/** What a results file holds. */
export interface ScannedResults {
  ids: IdIndex;
  /** Bytes that are whole lines (or a last line that only lacks its line end). */
  keptBytes: number;
  /** Bytes after these: a line that was being written when the process was killed. */
  cutBytes: number;
  /** The last line is whole but for its line end. */
  lacksLineEnd: boolean;
  /** The file's size. */
  size: number;
}

/**
 * Reads the ids of a results file whose lines must be of the given run. Changes nothing. Throws `InputError` for a line
 * of another run (`otherRun` words it), for a line that is no result, and for an id that is there twice.
 */
export async function scanResults(
  path: string,
  run: string,
  options: { otherRun: (line: number) => InputError; signal?: AbortSignal },
): Promise<ScannedResults> {
  const ids = new IdIndex();
  const { size } = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return { size: 0 };
    throw error;
  });
  const scanned: ScannedResults = { ids, keptBytes: 0, cutBytes: 0, lacksLineEnd: false, size };
  if (size === 0) return scanned;

  let line = 1;
  const accept = (result: { id: string; run: string }) => {
    if (result.run !== run) throw options.otherRun(line);
    const first = ids.add(result.id, line);
    if (first !== undefined) {
      const message = `the result of ${shorten(result.id)} is also in line ${first}; delete one of the lines`;
      throw new InputError(message, { file: path, line, field: "id" });
    }
  };
  const pieces = new RecordPieces(Number.POSITIVE_INFINITY);
  for await (const chunk of createReadStream(path, { signal: options.signal }) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      pieces.append(chunk.subarray(start, end));
      const record = pieces.take({ line, offset: scanned.keptBytes });
      const result = resultOf(record.bytes!);
      if (result === undefined) {
        const message = `not a result (${shorten(record.bytes!.toString("utf8"))}); expected a JSON object with "id" and "run": choose another file, or delete the line if it was damaged`;
        throw new InputError(message, { file: path, line });
      }
      accept(result);
      scanned.keptBytes += record.size + 1;
      line++;
      start = end + 1;
    }
    pieces.append(chunk.subarray(start));
  }
  const tail = pieces.take({ line, offset: scanned.keptBytes });
  // No beginning of a JSON object is itself one, so a tail that parses was written to its end.
  const last = tail.size === 0 ? undefined : resultOf(tail.bytes!);
  if (last !== undefined) {
    accept(last);
    scanned.lacksLineEnd = true;
    scanned.keptBytes += tail.size;
  } else scanned.cutBytes = tail.size;
  return scanned;
}

function resultOf(bytes: Buffer): { id: string; run: string } | undefined {
  try {
    const value = JSON.parse(bytes.toString("utf8")) as { id?: unknown; run?: unknown } | null;
    return typeof value?.id === "string" && typeof value.run === "string"
      ? { id: value.id, run: value.run }
      : undefined;
  } catch {
    return undefined;
  }
}
