/** A triple-quoted string in Python code; `start` and `end` are offsets of its content. */
export interface PythonString {
  /** What the string says, escapes resolved. */
  text: string;
  start: number;
  end: number;
}

const escapes: Record<string, string> = { "\\": "\\", "'": "'", '"': '"', n: "\n", t: "\t", r: "\r", "\n": "" };

/**
 * Finds the triple-quoted strings of Python code. Escapes are resolved as Python does, except those for control
 * characters: `\boxed` in a plain string would be a backspace, which no prompt means.
 */
export function readPythonStrings(code: string): PythonString[] {
  const strings: PythonString[] = [];
  const opening = /(?<![\w"'])([rRbBuUfF]{0,2})("""|''')/g;
  for (let match = opening.exec(code); match !== null; match = opening.exec(code)) {
    const start = match.index + match[0].length;
    const end = closingQuotes(code, start, match[2]!);
    if (end === undefined) break;
    const raw = code.slice(start, end);
    const text = /r/i.test(match[1]!) ? raw : raw.replace(/\\(.|\n)/g, (whole, next: string) => escapes[next] ?? whole);
    strings.push({ text, start, end });
    opening.lastIndex = end + 3;
  }
  return strings;
}

function closingQuotes(code: string, from: number, quotes: string): number | undefined {
  for (let index = from; index < code.length; index++) {
    if (code[index] === "\\") index++;
    else if (code.startsWith(quotes, index)) return index;
  }
  return undefined;
}
