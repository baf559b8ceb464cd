import { RecordPieces, type TextRecord, withoutByteOrderMark } from "./text-record.ts";

const newline = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;
const comma = 0x2c;

/**
 * Cuts text into the records between line ends, blank lines left out. With `quotes` (CSV) a line end inside a quoted
 * field is part of the record; a quote opens only at the start of a field, so a stray one inside a field cannot swallow
 * the lines after it. Memory: one record, and none of a record beyond `maxBytes`.
 */
export async function* splitLines(
  chunks: AsyncIterable<Buffer>,
  options: { maxBytes: number; quotes?: boolean },
): AsyncGenerator<TextRecord> {
  const pieces = new RecordPieces(options.maxBytes);
  const findEnd = options.quotes ? quotedEnds() : (chunk: Buffer, from: number) => chunk.indexOf(newline, from);
  let place = { line: 1, offset: 0 };
  let linesInside = 0;
  for await (const chunk of withoutByteOrderMark(chunks)) {
    let start = 0;
    for (let end = findEnd(chunk, 0); end !== -1; end = findEnd(chunk, start)) {
      const piece = chunk.subarray(start, end);
      if (options.quotes) linesInside += countNewlines(piece);
      pieces.append(piece);
      const record = withoutLineEnd(pieces.take(place));
      const size = record.size;
      if (size > 0) yield record;
      place = { line: place.line + linesInside + 1, offset: place.offset + record.raw + 1 };
      linesInside = 0;
      start = end + 1;
    }
    const tail = chunk.subarray(start);
    if (options.quotes) linesInside += countNewlines(tail);
    pieces.append(tail);
  }
  const last = withoutLineEnd(pieces.take(place));
  if (last.size > 0) yield last;
}

/** Drops a carriage return; a line of nothing but white space becomes empty. `raw` is the size before. */
function withoutLineEnd(record: TextRecord): TextRecord & { raw: number } {
  const raw = record.size;
  let { bytes } = record;
  if (bytes === undefined) return { ...record, raw };
  if (bytes[bytes.length - 1] === carriageReturn) bytes = bytes.subarray(0, -1);
  if (bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === carriageReturn)) bytes = bytes.subarray(0, 0);
  return { ...record, bytes, size: bytes.length, raw };
}

/** Finds the ends of CSV records; keeps its place between chunks. */
function quotedEnds(): (chunk: Buffer, from: number) => number {
  let state: "field-start" | "plain" | "quoted" | "closed" = "field-start";
  return (chunk, from) => {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (state === "quoted") {
        if (byte === quote) state = "closed";
      } else if (byte === newline) {
        state = "field-start";
        return at;
      } else if (byte === comma) state = "field-start";
      // A quote right after a closing one is an escaped quote: the field goes on.
      else if (byte === quote && state !== "plain") state = "quoted";
      else state = "plain";
    }
    return -1;
  };
}

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) count++;
  return count;
}
