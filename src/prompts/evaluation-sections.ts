import type { Box } from "./boxes.ts";
import {
  announcesOverall,
  beginsWithHeading,
  beginsWithTerm,
  isOtherPoints,
  type LineHead,
  overallHead,
  readLineHead,
} from "./headings.ts";
import type { Pack } from "./pack.ts";

export type SectionKind = "criterion" | "other" | "overall";

/** A part of an evaluation, from its heading to the next one. */
export interface Section {
  kind: SectionKind;
  /** Index of the criterion, for kind `"criterion"`. */
  index?: number;
  start: number;
  /** After number and heading signs; the term or title is still in front. */
  bodyStart: number;
  end: number;
  boxes: Box[];
}

interface Place {
  start: number;
  head: LineHead;
}

/**
 * Splits an evaluation into the parts of its criteria (by term, else by number), of other points, and the overall part.
 * `text` has quotations blanked out, `boxes` are the judge's own, `terms` the normalised terms of the criteria.
 */
export function findSections(pack: Pack, text: string, boxes: Box[], terms: string[]): Section[] {
  const places = linePlaces(text, boxes);
  const byTerm = places.map((place) => criterionByTerm(pack, place.head, terms));
  const named = new Set(byTerm);
  const sections: Section[] = [];
  let nextBox = 0;
  let highest = -1;
  for (const [index, place] of places.entries()) {
    for (; nextBox < boxes.length && boxes[nextBox]!.start < place.start; nextBox++)
      sections.at(-1)?.boxes.push(boxes[nextBox]!);
    const current = sections.at(-1);
    const found = classify(index, place.head, current);
    if (found === undefined) continue;
    if (current !== undefined) current.end = place.start;
    sections.push({
      ...found,
      start: place.start,
      bodyStart: place.start + place.head.restStart,
      end: text.length,
      boxes: [],
    });
    highest = Math.max(highest, found.index ?? -1);
  }
  for (; nextBox < boxes.length; nextBox++) sections.at(-1)?.boxes.push(boxes[nextBox]!);
  return sections;

  function classify(
    at: number,
    head: LineHead,
    current: Section | undefined,
  ): { kind: SectionKind; index?: number } | undefined {
    const index = byTerm[at];
    if (index !== undefined) {
      // An overall part may go through the criteria once more before it gives its score.
      const isSummary =
        current?.kind === "overall" &&
        current.boxes.length === 0 &&
        sections.some((section) => section.index === index);
      return isSummary ? undefined : { kind: "criterion", index };
    }
    if (isOtherPoints(head.rest, pack)) return { kind: "other" };
    const overall = overallHead(head.rest, pack);
    if (overall === "heading") return { kind: "overall" };
    if (overall === "sentence") {
      // Before the open part has its box, such a sentence may be the end of that part's analysis.
      return current === undefined || current.boxes.length > 0 ? { kind: "overall" } : undefined;
    }
    const numbered = (head.number ?? 0) - 1;
    if (numbered >= 0 && numbered < terms.length && !named.has(numbered) && head.indent < 2 && numbered > highest) {
      return { kind: "criterion", index: numbered };
    }
    return undefined;
  }
}

/** Whether the box says itself, or by the part it stands in, that it is the overall score. */
export function isLabelledOverall(
  pack: Pack,
  text: string,
  box: Box,
  section: Section | undefined,
  terms: string[],
): boolean {
  if (section?.kind === "overall") return true;
  return announcesOverall(text.slice(text.lastIndexOf("\n", box.start) + 1, box.start), pack, terms);
}

/** Line beginnings, and the places right after a box where the line goes on. */
function linePlaces(text: string, boxes: Box[]): Place[] {
  const starts: number[] = [];
  for (let at = 0; at !== -1; at = nextLine(text, at)) starts.push(at);
  for (const box of boxes) {
    const after = box.end + /^[\s$*_`.,;)\]|]*/.exec(text.slice(box.end, box.end + 50))![0].length;
    if (after < text.length && !text.slice(box.end, after).includes("\n")) starts.push(after);
  }
  starts.sort((a, b) => a - b);
  return starts.map((start) => {
    const end = text.indexOf("\n", start);
    return { start, head: readLineHead(text.slice(start, end === -1 ? text.length : end)) };
  });
}

function nextLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 || end + 1 >= text.length ? -1 : end + 1;
}

function criterionByTerm(pack: Pack, head: LineHead, terms: string[]): number | undefined {
  const numbered = (head.number ?? 0) - 1;
  if (numbered >= 0 && beginsWithTerm(head.rest, terms[numbered] ?? "")) return numbered;
  const index = terms.findIndex((term) => beginsWithHeading(head.rest, term));
  if (index === -1) return undefined;
  // A criterion may be called "Overall quality": without its number, the line is the overall part.
  const isLabel = isOtherPoints(head.rest, pack) || overallHead(head.rest, pack) === "heading";
  return isLabel && head.number === undefined ? undefined : index;
}
