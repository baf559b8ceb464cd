import type { Criteria } from "../core/criteria.ts";
import type { ChoicePart, FixedPart, Form, FormPart, FreePart } from "../core/form.ts";
import { type Scale, scaleScores } from "../core/scale.ts";
import { markerTexts } from "./markers.ts";
import type { Pack } from "./pack.ts";
import { verdictLetters } from "./verdicts.ts";

/**
 * Shape of turn 1: an analysis where the pack has one, then the list between its markers, each item
 * `1. **term**: description`. Free text follows a colon without a space; the model writes the space itself.
 */
export function criteriaForm(pack: Pack): Form {
  const { min, max, analysisTokens, termTokens, descriptionTokens } = pack.form.criteria;
  const { start, end } = pack.markers.criteria;
  const parts: FormPart[] = [];
  if (analysisTokens > 0) {
    parts.push(fixed("Analysis:"), free(pack, "analysis", analysisTokens), fixed(`\n\n${start}\n`));
  } else {
    parts.push(fixed(`${start}\n`));
  }
  parts.push({
    kind: "repeat",
    name: "criteria",
    min,
    max,
    open: "{i}. **",
    parts: [
      { ...free(pack, "term", termTokens, ["*", ":"]), distinct: true },
      fixed("**:"),
      free(pack, "description", descriptionTokens),
      fixed("\n"),
    ],
    close: end,
  });
  return { parts };
}

/**
 * Shape of turn 2: a line `1. term: analysis \boxed{score}` for every criterion, an optional line of other points, and
 * the overall line. Choices are named `criterion-1`, ..., `other-points` and, last, `overall`.
 */
export function evaluationForm(pack: Pack, criteria: Criteria): Form {
  const { analysisTokens, otherPointsTokens } = pack.form.evaluation;
  const parts: FormPart[] = criteria.items.flatMap((criterion, index) =>
    scoreLine(pack, `${index + 1}. ${formTerm(criterion.term)}:`, `criterion-${index + 1}`, analysisTokens, "}\n"),
  );
  if (otherPointsTokens > 0) {
    parts.push({
      kind: "repeat",
      name: "other-points",
      min: 0,
      max: 1,
      open: `${pack.headings.otherPoints}:`,
      parts: scoreLine(pack, "", "other-points", otherPointsTokens, "}\n"),
      close: `${pack.headings.overall}:`,
    });
  } else {
    parts.push(fixed(`${pack.headings.overall}:`));
  }
  return { parts: [...parts, ...overallParts(pack)] };
}

/** Shape of the answer of mode implicit: the overall line. */
export function implicitForm(pack: Pack): Form {
  return { parts: [fixed(`${pack.headings.overall}:`), ...overallParts(pack)] };
}

/** Shape of a pairwise answer: a comparison on one line, then the verdict, the choice `verdict` of `A`, `B` and `C`. */
export function pairwiseForm(pack: Pack): Form {
  return {
    parts: [
      fixed("Comparison:"),
      free(pack, "comparison", pack.form.evaluation.overallTokens, ["[["]),
      fixed("\nVerdict: [["),
      { kind: "choice", name: "verdict", options: Object.values(verdictLetters) },
      fixed("]]"),
    ],
  };
}

/** A criterion's term as a line of the form shows it: one line, and no box of its own. */
export function formTerm(term: string): string {
  return term
    .replace(/\s+/g, " ")
    .replace(/\\+(?=boxed)/g, "")
    .trim();
}

function overallParts(pack: Pack): (FixedPart | FreePart | ChoicePart)[] {
  return scoreLine(pack, "", "overall", pack.form.evaluation.overallTokens, "}");
}

function scoreLine(pack: Pack, heading: string, name: string, maxTokens: number, close: string) {
  const scale = name === "overall" ? pack.overallScale : pack.criterionScale;
  const analysis = name.startsWith("criterion-") ? name.replace("criterion", "analysis") : `${name}-analysis`;
  const parts: (FixedPart | FreePart | ChoicePart)[] = [
    free(pack, analysis, maxTokens),
    fixed(" \\boxed{"),
    { kind: "choice", name, options: scoreTexts(scale) },
    fixed(close),
  ];
  return heading === "" ? parts : [fixed(heading), ...parts];
}

/** Every score of a scale as it is written in a box: `"7"`, `"7.5"`. */
export function scoreTexts(scale: Scale): string[] {
  // Steps such as 0.1 do not add up exactly; six digits are more than any scale has.
  return scaleScores(scale).map((score) => String(Number(score.toFixed(6))));
}

function fixed(text: string): FixedPart {
  return { kind: "fixed", text };
}

function free(pack: Pack, name: string, maxTokens: number, stop: string[] = []): FreePart {
  return { kind: "free", name, maxTokens, stop: ["\n", "\\boxed", ...stop, ...markerTexts(pack.markers)] };
}
