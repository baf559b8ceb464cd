import { escapeRegExp } from "./markers.ts";
import { normaliseTerm } from "./normalise-term.ts";
import type { Pack } from "./pack.ts";

/** The beginning of a line, taken apart. */
export interface LineHead {
  /** Its list number, as in `1.`, `(1)`, `### 1)`, `Criterion 1:`. */
  number?: number;
  /** Columns of white space before it. */
  indent: number;
  /** The line without number, bullet and heading signs. */
  rest: string;
  /** Where `rest` begins in the line. */
  restStart: number;
}

/** Takes off a line what comes before its words: table and heading signs, bullets, emphasis, a number. */
export function readLineHead(line: string): LineHead {
  const indent = /^[ \t]*/.exec(line)![0].length;
  let at = /^\s*(?:\|\s*)?(?:#{1,6}\s*)?(?:[-*+\u2022\u2023\u25e6\u2043\u00b7]\s+)?/.exec(line)![0].length;
  const skip = (pattern: RegExp): string | undefined => {
    const match = pattern.exec(line.slice(at, at + 100));
    if (match !== null) at += match[0].length;
    return match?.[1];
  };
  skip(/^[*_`"\u201c\s]+/);
  const number =
    skip(/^criteri(?:on|a)\s+#?(\d{1,3})\b\s*[.):|\-\u2013\u2014]?/i) ??
    skip(/^(?:[(\uff08]?(\d{1,3})\s*[.):\u3001\uff0e\uff1a\uff09\]|](?![0-9])\)?)/) ??
    skip(/^\[(\d{1,3})\]/);
  skip(/^[*_`"\u201c\s|]+/);
  const head: LineHead = { indent, rest: line.slice(at), restStart: at };
  if (number !== undefined) head.number = Number(number);
  return head;
}

/** Whether a line's words begin with a term followed by what ends a heading: a colon, a dash, a bracket, a box, the end. */
export function beginsWithHeading(rest: string, normalisedTerm: string): boolean {
  if (normalisedTerm === "") return false;
  const window = rest.slice(0, normalisedTerm.length * 2 + 60);
  const ends = /[:\uff1a|(\uff08[]|\s[-\u2013\u2014]|[\u2013\u2014]|\*\*|__|`|[$\s]*\\boxed|\s*$/g;
  for (let match = ends.exec(window); match !== null; match = ends.exec(window)) {
    if (normaliseTerm(window.slice(0, match.index)) === normalisedTerm) return true;
    if (match[0] === "") break;
  }
  return false;
}

/** Whether a line's words begin with a term, whatever follows. */
export function beginsWithTerm(rest: string, normalisedTerm: string): boolean {
  if (normalisedTerm === "") return false;
  return `${normaliseTerm(rest.slice(0, normalisedTerm.length * 2 + 60))} `.startsWith(`${normalisedTerm} `);
}

/** Whether a line begins the part on merits and faults outside the criteria. */
export function isOtherPoints(rest: string, pack: Pack): boolean {
  return (
    beginsWithHeading(rest, normaliseTerm(pack.headings.otherPoints)) ||
    /^(?:other|additional|extra)\s+(?:points?|considerations?|observations?|remarks?)\b[^.!?]{0,20}(?:[:\uff1a(|*\u2013\u2014-]|$)/im.test(
      rest.slice(0, 80),
    )
  );
}

const nouns =
  /\b(?:scor(?:e|ing)|rating|evaluation|assessment|quality|analysis|judge?ment|verdict|grade|summary|conclusion|impression|performance|comments?|opinion|reward)\b/;

/**
 * Whether a line begins the overall part: `"heading"` for a title such as "Overall:" or "Final score", `"sentence"` for
 * a beginning such as "Overall, the response ..." or "Summary:", which can also close a criterion's analysis.
 */
export function overallHead(rest: string, pack: Pack): "heading" | "sentence" | undefined {
  const window = rest.slice(0, 120).split("\n")[0]!;
  if (beginsWithHeading(window, normaliseTerm(pack.headings.overall))) return "heading";
  const title =
    /^([^:\uff1a(\uff08|,.!?;\\]{1,80}?)\s*(?:[:\uff1a(\uff08|]|\*\*|__|\s[-\u2013\u2014]|[\u2013\u2014]|[$\s]*\\boxed|$)/.exec(
      window,
    )?.[1];
  if (title !== undefined && isOverallTitle(normaliseTerm(title))) return "heading";
  return /^(?:overall|all in all|conclusion|summary|verdict|in (?:summary|conclusion|total)|to (?:sum up|conclude|summari[sz]e)|taken together|on balance|\u603b\u4f53|\u7efc\u4e0a|\u603b\u7684)/i.test(
    window,
  )
    ? "sentence"
    : undefined;
}

/**
 * Whether the words right before a box say that it is the overall score ("so the overall score is \boxed{7}"). Words of
 * a criterion in between make it that criterion's.
 */
export function announcesOverall(before: string, pack: Pack, terms: string[]): boolean {
  const heading = escapeRegExp(pack.headings.overall);
  const match = new RegExp(
    `(?:^|[^\\p{L}])(?:overall|final|total|${heading})(?:\\s[^.!?\\n\\\\]{0,60})?\\s(?:score|rating|grade|mark|reward)s?\\b([^.!?\\n\\\\]{0,60})$`,
    "iu",
  ).exec(before.slice(-200));
  if (match === null) return false;
  const words = ` ${normaliseTerm(match[0])} `;
  return !/ criteri(?:on|a) /.test(words) && !terms.some((term) => term !== "" && words.includes(` ${term} `));
}

function isOverallTitle(title: string): boolean {
  if (title.split(" ").length > 8) return false;
  if (/^(?:\u603b\u4f53|\u7efc\u5408|\u6574\u4f53|\u603b\u8bc4|\u603b\u5206|\u6700\u7ec8)/.test(title))
    return title.length <= 12;
  return (
    /^(?:the |my )?(?:overall|final|total|comprehensive|holistic|aggregate)\b/.test(title) &&
    (nouns.test(title) || /^(?:the |my )?overall$/.test(title))
  );
}
