import { RecordPieces, type TextRecord, withoutByteOrderMark } from "./text-record.ts";

/** The file is not one JSON array. `line` is 1-based. */
export class JsonArrayError extends Error {
  override name = "JsonArrayError";
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/**
 * Cuts a JSON array into the texts of its elements without parsing them, so that one broken element does not hide the
 * others. Memory: one element, and none of an element beyond `maxBytes`. Throws `JsonArrayError` where the file is not
 * an array or breaks off, after the elements before that.
 */
export async function* splitJsonArray(
  chunks: AsyncIterable<Buffer>,
  options: { maxBytes: number },
): AsyncGenerator<TextRecord> {
  const pieces = new RecordPieces(options.maxBytes);
  let state = "before" as State;
  const open: number[] = [];
  let [inString, escaped, elements] = [false, false, 0];
  let [line, offset] = [1, 0];
  let place = { line, offset };
  for await (const chunk of withoutByteOrderMark(chunks)) {
    let start = 0;
    for (let at = 0; at < chunk.length; at++, offset++) {
      const char = chunk[at]!;
      if (char === 0x0a) line++;
      if (state === "element" && inString) {
        if (escaped) escaped = false;
        else if (char === 0x5c) escaped = true;
        // No string goes over a line end: a quote that was left out ends here, not at the next quote in the file.
        else if (char === 0x22 || char === 0x0a) inString = false;
        continue;
      }
      if (isSpace(char)) continue;
      if (state === "before") {
        if (char !== 0x5b) throw new JsonArrayError("not a JSON array", line);
        state = "gap";
      } else if (state === "after") {
        throw new JsonArrayError("there is text after the end of the array", line);
      } else if ((open.length === 0 && char === 0x2c) || (char === 0x5d && !open.includes(0x5b))) {
        const empty = state === "gap";
        if (!empty) pieces.append(chunk.subarray(start, at));
        if (!empty || char === 0x2c || elements > 0) yield pieces.take(empty ? { line, offset } : place);
        elements++;
        open.length = 0;
        state = char === 0x2c ? "gap" : "after";
      } else {
        if (state === "gap") {
          state = "element";
          place = { line, offset };
          start = at;
        }
        if (char === 0x22) inString = true;
        else if (char === 0x5b || char === 0x7b) open.push(char);
        // A bracket closes its own kind, and with it what was left open inside: damage stays in its element.
        else if (char === 0x5d || char === 0x7d) {
          const opener = open.lastIndexOf(char - 2);
          if (opener !== -1) open.length = opener;
        }
      }
    }
    if (state === "element") pieces.append(chunk.subarray(start));
  }
  if (state === "before") throw new JsonArrayError("the file is empty", line);
  if (state !== "after")
    throw new JsonArrayError(`the file ends inside the array, after ${elements} complete elements`, line);
}

type State = "before" | "gap" | "element" | "after";

function isSpace(char: number): boolean {
  return char === 0x20 || char === 0x0a || char === 0x0d || char === 0x09;
}
