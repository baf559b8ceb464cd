import type { Box } from "./boxes.ts";
import { normaliseTerm } from "./normalise-term.ts";
import { trimSignsEnd } from "./trim-signs.ts";

/**
 * The words of one part of an evaluation: without its boxes and what belongs to them (dollar signs, emphasis, "Score:"),
 * and without its heading.
 */
export function rationaleOf(text: string, span: { start: number; end: number }, boxes: Box[], heading: string): string {
  let words = "";
  let at = span.start;
  for (const box of boxes) {
    if (box.start < span.start || box.end > span.end) continue;
    words += withoutLabel(text.slice(at, box.start));
    const after = text.slice(box.end, Math.min(span.end, box.end + 20));
    at = box.end + /^(?:\s*\$\$|[$*_`)\]])*(?:\s*\/\s*\d+)?\.?/.exec(after)![0].length;
  }
  words += text.slice(at, span.end);
  return tidy(withoutHeading(words, heading));
}

/** Takes "**Score:** $" and the like off the end of what stands before a box. */
function withoutLabel(text: string): string {
  const bare = trimSignsEnd(text, "$*_`([");
  const label = /(?:^|(?<=[\s*_>|(-]))(?:(?:overall|final|quality)\s+)*(?:score|rating)[*_\s]*[:=\uff1a]?[*_\s]*$/i;
  const end = label.exec(bare.slice(-60));
  if (end === null) return bare;
  const before = bare.slice(0, bare.length - end[0].length).trimEnd();
  // The label's own bullet, bracket or emphasis goes with it.
  return before.replace(/(?<=^|\s)[-*_#(]{1,6}$/, "");
}

function withoutHeading(text: string, heading: string): string {
  const wanted = normaliseTerm(heading);
  const window = text.slice(0, heading.length * 2 + 60);
  const ends =
    /\s*[:\uff1a][*_`\s]*|\s*(?:\*\*|__|`)[\s:\uff1a\u2013\u2014-]*|\s+[-\u2013\u2014]+\s+|[\u2013\u2014]\s*|\s*\|\s*|\n\s*/g;
  for (let match = ends.exec(window); match !== null; match = ends.exec(window)) {
    const title = normaliseTerm(window.slice(0, match.index));
    const isTitle = title === wanted || (wanted === "overall" && /^overall(?: \S+){0,5}$/.test(title));
    if (isTitle) return text.slice(match.index + match[0].length);
  }
  return normaliseTerm(text) === wanted ? "" : text;
}

function tidy(text: string): string {
  const words = text
    .replace(/^[ \t]*(?:-{3,}|\*{3,}|_{3,})[ \t]*$/gm, "")
    .replace(/^[\s*_#-]*(?:analysis|evaluation|rationale|comment)s?[*_\s]*[:\uff1a][*_\s]*/i, "")
    .replace(/[ \t]{1,50}\n/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .replace(/^[:\s*_|)]+(?=\s|$|\w)/, "");
  return trimUnpaired(words.trim());
}

/** Takes a table's bar and an emphasis that was opened by the heading off the end. */
function trimUnpaired(text: string): string {
  const words = trimSignsEnd(text, "|");
  return words.endsWith("**") && words.split("**").length % 2 === 0 ? words.slice(0, -2).trimEnd() : words;
}
