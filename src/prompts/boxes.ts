/** One closed `\boxed{...}` in a judge's text; offsets in UTF-16 units. */
export interface Box {
  start: number;
  /** After the closing brace. */
  end: number;
  /** Where the content begins. */
  contentStart: number;
  content: string;
}

export interface FoundBoxes {
  boxes: Box[];
  /** Where boxes begin that are never closed. */
  unclosed: number[];
}

// Longer content is no score, and a limit keeps many unclosed boxes from costing time squared.
const longestContent = 200;

/** Finds the outermost `\boxed{...}` of a text, braces balanced. */
export function findBoxes(text: string): FoundBoxes {
  const boxes: Box[] = [];
  const unclosed: number[] = [];
  const opening = /\\boxed[ \t]{0,8}\{/g;
  for (let match = opening.exec(text); match !== null; match = opening.exec(text)) {
    const contentStart = match.index + match[0].length;
    const close = closingBrace(text, contentStart);
    let start = match.index;
    while (text[start - 1] === "\\") start--;
    if (close === undefined) {
      unclosed.push(start);
      continue;
    }
    boxes.push({ start, end: close + 1, contentStart, content: text.slice(contentStart, close) });
    opening.lastIndex = close + 1;
  }
  return { boxes, unclosed };
}

/** Whether a text ends in the middle of a box or of the command for one. */
export function endsInsideBox(text: string): boolean {
  const { unclosed } = findBoxes(text.slice(-longestContent - 20));
  return unclosed.length > 0 || /\\(?:b(?:o(?:x(?:e(?:d[ \t]{0,8})?)?)?)?)?$/.test(text);
}

function closingBrace(text: string, from: number): number | undefined {
  let depth = 1;
  const limit = Math.min(text.length, from + longestContent + 1);
  for (let index = from; index < limit; index++) {
    if (text[index] === "{") depth++;
    if (text[index] === "}" && --depth === 0) return index;
  }
  return undefined;
}
