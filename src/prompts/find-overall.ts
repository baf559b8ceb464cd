import type { UnscoredReason } from "../core/reward.ts";
import type { Box } from "./boxes.ts";
import { isLabelledOverall, type Section } from "./evaluation-sections.ts";
import type { Pack } from "./pack.ts";

export type FoundOverall =
  | { ok: true; box: Box; section?: Section; partStart: number }
  | { ok: false; reason: UnscoredReason; detail: string };

/** What the decision rests on. */
export interface OverallEvidence {
  /** With quotations blanked out. */
  text: string;
  /** The judge's own boxes, in order; at least one. */
  boxes: Box[];
  sections: Section[];
  /** Normalised terms; undefined in mode implicit. */
  terms: string[] | undefined;
}

/**
 * Decides whether the last box is the overall score, from structure alone: it stands in an overall part, or is announced
 * as the overall score, or it is one box more than the criteria explain and stands on its own after them. What cannot be
 * told is `"no-overall-score"`.
 */
export function findOverall(pack: Pack, evidence: OverallEvidence): FoundOverall {
  const { text, boxes, sections, terms } = evidence;
  const box = boxes.at(-1)!;
  const section = sections.findLast((candidate) => candidate.start <= box.start);
  const lineStart = text.lastIndexOf("\n", box.start) + 1;
  if (isLabelledOverall(pack, text, box, section, terms ?? []) && !isPartOfCriterion(sections, section, boxes, terms)) {
    const partStart = section?.kind === "overall" ? section.bodyStart : Math.max(lineStart, boxes.at(-2)?.end ?? 0);
    return { ok: true, box, partStart, ...(section?.kind === "overall" ? { section } : {}) };
  }
  const previous = boxes.at(-2);
  const partStart = startOfPart(text, previous?.end ?? 0, section, boxes.length === 1 && section === undefined);
  const explained =
    terms === undefined ? isBeyondImplicit(text, boxes) : isBeyondCriteria(text, boxes, sections, section, terms);
  if (explained) return { ok: true, box, partStart };
  return {
    ok: false,
    reason: "no-overall-score",
    detail: `The answer has ${boxes.length === 1 ? "one box" : `${boxes.length} boxes`}, and none that can be told to be the overall score.`,
  };
}

/**
 * Whether an overall part only sums up one criterion: overall parts stood between criteria before, and the part before
 * this one has no box of its own.
 */
function isPartOfCriterion(
  sections: Section[],
  section: Section | undefined,
  boxes: Box[],
  terms: string[] | undefined,
): boolean {
  if (section?.kind !== "overall" || terms === undefined || boxes.length > terms.length) return false;
  const at = sections.indexOf(section);
  const before = sections[at - 1];
  if (before?.kind !== "criterion" || before.boxes.length > 0) return false;
  return sections.slice(0, at - 1).some((candidate) => candidate.kind === "overall" && candidate.boxes.length > 0);
}

/** Mode implicit asks for one box; with more, the last must stand in a sentence or line of its own, not in a list. */
function isBeyondImplicit(text: string, boxes: Box[]): boolean {
  return boxes.length === 1 || standsAlone(text, boxes.at(-1)!, boxes.at(-2)!);
}

function isBeyondCriteria(
  text: string,
  boxes: Box[],
  sections: Section[],
  section: Section | undefined,
  terms: string[],
): boolean {
  const count = terms.length;
  if (sections.length === 0) {
    // One box without any sign of the criteria: of several criteria it can only be the whole's.
    if (boxes.length === 1) return count > 1;
    return boxes.length > count && boxes.length <= count + 2 && standsAlone(text, boxes.at(-1)!, boxes.at(-2)!);
  }
  if (section === undefined || section.boxes.length < 2) return false;
  const scored = new Set(
    sections.filter((part) => part.kind === "criterion" && part.boxes.length > 0).map((part) => part.index),
  );
  if (scored.size < count) return false;
  const own = section.boxes.at(-1)!;
  const before = section.boxes.at(-2)!;
  if (!standsAlone(text, own, before)) return false;
  if (/\n[ \t]*\n/.test(text.slice(before.end, own.start))) return true;
  // Without an empty line, the shape must be one box for each criterion and this one more.
  return (
    count > 1 && section.boxes.length === 2 && sections.every((part) => part === section || part.boxes.length === 1)
  );
}

/** Whether a box stands on a later line than the one before, and that line is neither a list item nor has a label. */
function standsAlone(text: string, box: Box, previous: Box): boolean {
  const lineStart = text.lastIndexOf("\n", box.start) + 1;
  if (lineStart <= previous.end) return false;
  const before = text.slice(lineStart, box.start);
  return (
    !/^(?:\s{2,}|\t|\s*(?:[-*+\u2022|#]\s|\(?\d{1,3}[.):]))/.test(before) &&
    !/^[\s*_]*[\p{L}\s()/&-]{1,40}[:\uff1a]/u.test(before)
  );
}

function startOfPart(text: string, previousEnd: number, section: Section | undefined, whole: boolean): number {
  if (whole || section === undefined) return previousEnd;
  const gap = /^[^\n]*\n\s*/.exec(text.slice(previousEnd));
  return previousEnd + (gap === null ? 0 : gap[0].length);
}
