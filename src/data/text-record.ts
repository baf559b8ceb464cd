import { isUtf8 } from "node:buffer";

/** The bytes of one row of a text format and where they stand in the (inflated) file. */
export interface TextRecord {
  /** 1-based line on which the record starts. */
  line: number;
  /** 0-based byte offset of the record's start, a byte order mark not counted. */
  offset: number;
  /** Size in bytes, also of a record that was too long to keep. */
  size: number;
  /** The record without its line end; absent when it is longer than the limit. */
  bytes?: Buffer;
}

/** Collects the pieces of a record over chunk borders and stops keeping them beyond a limit. */
export class RecordPieces {
  #limit: number;
  #pieces: Buffer[] = [];
  size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  append(piece: Buffer): void {
    this.size += piece.length;
    if (this.size > this.#limit) this.#pieces = [];
    else if (piece.length > 0) this.#pieces.push(piece);
  }

  /** The record that was collected; the collection is empty afterwards. */
  take(place: { line: number; offset: number }): TextRecord {
    const record: TextRecord = { ...place, size: this.size };
    if (this.size <= this.#limit) {
      record.bytes = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    }
    this.#pieces = [];
    this.size = 0;
    return record;
  }
}

/** Drops a UTF-8 byte order mark at the start of the stream. */
export async function* withoutByteOrderMark(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < 3) continue;
    const marked = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
    yield marked ? head.subarray(3) : head;
    head = undefined;
  }
  if (head !== undefined && head.length > 0) yield head;
}

/** The offset of the first byte that is not UTF-8, or undefined where all are. */
export function invalidUtf8Offset(bytes: Buffer): number | undefined {
  if (isUtf8(bytes)) return undefined;
  // The streaming decoder accepts a cut character at the end, so "the prefix decodes" holds up to the bad byte only.
  let [good, bad] = [0, bytes.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (prefixDecodes(bytes, middle)) good = middle;
    else bad = middle;
  }
  return good;
}

function prefixDecodes(bytes: Buffer, length: number): boolean {
  if (length > bytes.length) return false;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, length), { stream: true });
    return true;
  } catch {
    return false;
  }
}
