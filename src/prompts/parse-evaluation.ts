import type { Criteria } from "../core/criteria.ts";
import type { CriterionScore, Evaluation } from "../core/evaluation.ts";
import type { UnscoredReason } from "../core/reward.ts";
import { type Box, endsInsideBox, findBoxes } from "./boxes.ts";
import { findSections, type Section } from "./evaluation-sections.ts";
import { findOverall } from "./find-overall.ts";
import { normaliseTerm } from "./normalise-term.ts";
import type { Pack } from "./pack.ts";
import { maskQuotations, mentionsResponse, responseBoxes } from "./quotations.ts";
import { rationaleOf } from "./rationale.ts";
import { readScore } from "./read-score.ts";
import { type MaskedThinking, maskThinking } from "./thinking.ts";

export interface EvaluationAnswer {
  /** The judge's answer. */
  text: string;
  finishReason: "stop" | "length";
  /** Absent in mode implicit. */
  criteria?: Criteria;
  /** Text of the response that was judged; boxes quoted from it are not scores. */
  response: string;
  /** Choices of a form the engine filled: they are the judge's boxes for certain, and no other box is. */
  choices?: { offset: number }[];
}

export type ParsedEvaluation =
  /** `overallSpan`: where the overall number stands in the text, UTF-16 units. */
  | { ok: true; evaluation: Evaluation; overallSpan: { start: number; end: number } }
  | { ok: false; reason: UnscoredReason; detail: string };

/** Normalised terms of lists that many responses are evaluated by. */
const knownTerms = new WeakMap<Criteria, string[]>();

function normalisedTerms(criteria: Criteria): string[] {
  const known = knownTerms.get(criteria) ?? criteria.items.map((item) => normaliseTerm(item.term));
  knownTerms.set(criteria, known);
  return known;
}

/**
 * Reads a judge's evaluation: the last box is the overall score (CE-RM), where its structure shows that
 * it is. An answer that was cut off, has no box, boxes only its criteria, or holds no number of the scale is not scored,
 * with the reason. A criterion's score that cannot be read is left out. Never throws.
 */
export function parseEvaluation(pack: Pack, answer: EvaluationAnswer): ParsedEvaluation {
  const thinking = maskThinking(answer.text);
  if (answer.finishReason === "length") return unscored("truncated", cutOffDetail(thinking));
  if (thinking.unclosed) return unscored("no-score", "The answer ends inside its thinking.");
  const text = maskQuotations(thinking.text, answer.response);
  const found = findBoxes(thinking.text);
  const boxes = ownBoxes(text, found.boxes, answer);
  const lastBox = boxes.at(-1);
  if (lastBox === undefined) {
    if (found.boxes.length > 0) return unscored("no-score", "The only boxes are quoted from the response.");
    return unscored("no-score", found.unclosed.length > 0 ? "The only box is not closed." : "The answer has no box.");
  }
  if (answer.choices === undefined && findBoxes(text).unclosed.some((start) => start > lastBox.start)) {
    return unscored("no-overall-score", "The last box is not closed.");
  }
  const terms = answer.criteria && normalisedTerms(answer.criteria);
  const sections = findSections(pack, text, boxes, terms ?? []);
  const overall = findOverall(pack, { text, boxes, sections, terms });
  if (!overall.ok) return overall;
  const reading = readScore(overall.box.content, pack.overallScale);
  if (reading.kind !== "score") return unscored(reading.kind, reading.detail);

  const source = thinking.text;
  const span = overallSpan(sections, overall.section) ?? { start: overall.partStart, end: source.length };
  const rest = sections.map((section) => withoutPart(section, overall.box, overall.section, overall.partStart));
  const criterionScores = (answer.criteria?.items ?? []).map((item, index): CriterionScore => {
    const parts = rest.filter((section) => section.kind === "criterion" && section.index === index);
    return sectionScore(pack, source, item.term, parts);
  });
  const others = rest.filter((section) => section.kind === "other");
  const start = overall.box.contentStart + reading.offset;
  return {
    ok: true,
    evaluation: {
      criterionScores,
      ...(others.length > 0 ? { otherPoints: sectionScore(pack, source, pack.headings.otherPoints, others) } : {}),
      overall: reading.value,
      rationale: rationaleOf(source, span, boxes, pack.headings.overall),
      text: answer.text,
    },
    overallSpan: { start, end: start + reading.literal.length },
  };
}

/** Where an answer was cut off. Even after a score that it announced as the overall one: it might have gone on to change it. */
function cutOffDetail(thinking: MaskedThinking): string {
  if (thinking.unclosed) return "The answer was cut off inside its thinking.";
  if (endsInsideBox(thinking.text)) return "The answer was cut off inside a box.";
  const scores = findBoxes(thinking.text).boxes.length;
  return `The answer was cut off before its end${scores === 0 ? " and any score" : ""}.`;
}

function ownBoxes(text: string, boxes: Box[], answer: EvaluationAnswer): Box[] {
  const { choices } = answer;
  if (choices !== undefined) {
    return boxes.filter((box) => choices.some(({ offset }) => offset >= box.contentStart && offset < box.end));
  }
  const visible = boxes.filter((box) => text.startsWith("\\", box.start));
  if (!answer.response.includes("boxed")) return visible;
  const response = responseBoxes(answer.response);
  return response.contents.size === 0 ? visible : visible.filter((box) => !mentionsResponse(text, box, response));
}

/** A section up to the overall part, where that begins inside it. */
function withoutPart(section: Section, box: Box, overall: Section | undefined, partStart: number): Section {
  if (overall !== undefined || !section.boxes.includes(box)) return section;
  return { ...section, end: Math.max(section.bodyStart, partStart), boxes: section.boxes.filter((own) => own !== box) };
}

function sectionScore(pack: Pack, text: string, term: string, sections: Section[]): CriterionScore {
  const rationale = sections
    .map((section) => rationaleOf(text, { start: section.bodyStart, end: section.end }, section.boxes, term))
    .filter((part) => part !== "")
    .join("\n\n");
  const last = sections.flatMap((section) => section.boxes).at(-1);
  const reading = last === undefined ? undefined : readScore(last.content, pack.criterionScale);
  return reading?.kind === "score" ? { term, score: reading.value, rationale } : { term, rationale };
}

/** The overall part with those right before it: an analysis and a score may have a heading each. */
function overallSpan(sections: Section[], last: Section | undefined): { start: number; end: number } | undefined {
  if (last === undefined) return undefined;
  let at = sections.indexOf(last);
  while (sections[at - 1]?.kind === "overall") at--;
  return { start: sections[at]!.bodyStart, end: last.end };
}

function unscored(reason: UnscoredReason, detail: string): ParsedEvaluation {
  return { ok: false, reason, detail };
}
