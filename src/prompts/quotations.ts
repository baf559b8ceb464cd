import { type Box, findBoxes } from "./boxes.ts";
import { blank } from "./thinking.ts";

/** What a judge answers with, and a quotation must not be taken for. */
export interface AnswerSign {
  isIn(text: string): boolean;
  /** Whether the text is one sign and nothing else. */
  isAll(text: string): boolean;
}

const boxSign: AnswerSign = {
  isIn: (text) => text.includes("\\boxed"),
  isAll: (text) => /^[$*\s]*\\+boxed\s*\{[^\n]*\}[$*\s]*$/.test(text) && findBoxes(text).boxes.length === 1,
};

/**
 * Blanks out what a judge's text quotes, so that a box (or another sign) of the response is never read as the judge's;
 * the result is as long as the text. Quotations are: blockquote lines; fenced blocks of which every line stands in the
 * response; quote marks or backticks on one line around more than a box, or around exactly a box that the response has;
 * quote marks over several lines around text of the response.
 */
export function maskQuotations(text: string, response: string, sign: AnswerSign = boxSign): string {
  // Most evaluations quote nothing, and the response is long: it is prepared only for those that may.
  const mayQuote = /[`"'>~\u2018-\u201e\u00ab\u00bb\u300c-\u300f]/.test(text);
  if (!mayQuote) return text;
  const known = squeeze(response);
  const withoutBlocks = maskBlocks(text, known);
  return maskSpans(withoutBlocks, known, sign);
}

/**
 * Whether a box outside quote marks still only mentions one of the response: the response has the same box, and either
 * the three words before it are the response's too, or the sentence goes on after it ("\boxed{4}, which is right"), or
 * the words before it announce an answer ("the answer is \boxed{4}").
 */
export function mentionsResponse(text: string, box: Box, response: ResponseBoxes): boolean {
  if (!response.contents.has(squeeze(box.content))) return false;
  const near = text.slice(Math.max(0, box.start - 200), box.start);
  const before = near.slice(near.lastIndexOf("\n") + 1);
  const after = text.slice(box.end, box.end + 40).replace(/^[\s$*`)\]]*/, (gap) => (gap.includes("\n") ? "\n" : ""));
  if (/^[,;\uff0c\uff1b]|^(?!out of\b|of \d|points?\b|pts?\b)\p{Ll}/u.test(after)) return true;
  if (
    /(?:\b(?:answers?|results?|solution|value)\s*(?:is|was|of|as|to be)?\s*[:=,]?|=|\b(?:says|states|claims|writes|concludes|ends|finishes|answers|gives|boxes)(?:\s+(?:with|that|by))?)\s*[$*(]*$/i.test(
      before,
    )
  ) {
    return true;
  }
  const words = /(?<!\S)\S+\s+\S+\s+\S+\s*$/.exec(before);
  return words !== null && response.text.includes(squeeze(words[0] + text.slice(box.start, box.end)));
}

/** The response, prepared for `mentionsResponse`. */
export interface ResponseBoxes {
  text: string;
  contents: Set<string>;
}

export function responseBoxes(response: string): ResponseBoxes {
  return { text: squeeze(response), contents: new Set(findBoxes(response).boxes.map((box) => squeeze(box.content))) };
}

function maskBlocks(text: string, response: string): string {
  const lines = text.split("\n");
  let fence: { mark: string; from: number } | undefined;
  const maskFence = (from: number, to: number): void => {
    const inside = lines.slice(from + 1, to).map((line) => squeeze(line));
    const quoted = inside.filter((line) => !/^[.\u2026\s[\]()]*$/.test(line));
    if (quoted.length === 0 || !quoted.every((line) => response.includes(line))) return;
    for (let index = from; index < Math.min(to + 1, lines.length); index++) lines[index] = blank(lines[index]!);
  };
  for (const [index, line] of lines.entries()) {
    const mark = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/.exec(line)?.[1];
    if (fence === undefined) {
      if (mark !== undefined) fence = { mark, from: index };
      else if (/^\s*>/.test(line)) lines[index] = blank(line);
    } else if (mark?.startsWith(fence.mark) && line.trim() === mark) {
      maskFence(fence.from, index);
      fence = undefined;
    }
  }
  if (fence !== undefined) maskFence(fence.from, lines.length);
  return lines.join("\n");
}

// Opening and closing signs of quotations; a straight quote opens before a word and closes after one.
const spans: { open: RegExp; close: RegExp }[] = [
  { open: /``/g, close: /''/g },
  { open: /`+/g, close: /`+/g },
  { open: /(?<![\p{L}\p{N}])"(?=\S)/gu, close: /(?<=\S)"(?![\p{L}\p{N}])/gu },
  { open: /(?<![\p{L}\p{N}])'(?=\S)/gu, close: /(?<=\S)'(?![\p{L}\p{N}])/gu },
  { open: /[\u201c\u201e]/g, close: /[\u201d\u201c]/g },
  { open: /[\u2018\u201a]/g, close: /[\u2019\u2018]/g },
  { open: /[\u00ab\u300c\u300e]/g, close: /[\u00bb\u300d\u300f]/g },
];

function maskSpans(text: string, response: string, sign: AnswerSign): string {
  if (!sign.isIn(text)) return text;
  let masked = text;
  for (const { open, close } of spans) {
    // What is blanked out lies behind the search, so the text is put together once, not for every quotation.
    const source = masked;
    const pieces: string[] = [];
    let done = 0;
    open.lastIndex = 0;
    for (let start = open.exec(source); start !== null; start = open.exec(source)) {
      const from = start.index + start[0].length;
      const end = closing(source, close, from, start[0]);
      if (end === undefined) continue;
      const inside = source.slice(from, end.from);
      if (isQuotation(inside, response, sign)) {
        pieces.push(source.slice(done, from), blank(inside));
        done = end.from;
      } else if (inside.includes("\n")) {
        // A sign that opens nothing, such as an apostrophe: look for a pair after it.
        continue;
      }
      open.lastIndex = end.to;
    }
    masked = pieces.join("") + source.slice(done);
  }
  return masked;
}

function closing(text: string, close: RegExp, from: number, opened: string): { from: number; to: number } | undefined {
  // Quotations of several lines are rare and short; the limit bounds the search.
  const base = Math.max(0, from - 1);
  const window = text.slice(base, from + 4000);
  close.lastIndex = from - base;
  for (let match = close.exec(window); match !== null; match = close.exec(window)) {
    if (match.index > from - base && (opened[0] !== "`" || match[0][0] !== "`" || match[0].length === opened.length)) {
      return { from: base + match.index, to: base + match.index + match[0].length };
    }
  }
  return undefined;
}

function isQuotation(inside: string, response: string, sign: AnswerSign): boolean {
  if (!sign.isIn(inside)) return false;
  const plain = squeeze(inside);
  return sign.isAll(plain) || inside.includes("\n") ? response.includes(plain.replace(/^[$*\s]+|[$*\s]+$/g, "")) : true;
}

/** One space for every run of white space, none at the ends. */
export function squeeze(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
