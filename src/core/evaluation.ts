/** Score and reasons for one criterion, as the judge wrote them. `score` is missing where the judge gave none. */
export interface CriterionScore {
  term: string;
  score?: number;
  rationale: string;
}

/** A judge's evaluation of one response, read from its text. */
export interface Evaluation {
  criterionScores: CriterionScore[];
  /** The optional extra criterion for merits and faults outside the list. */
  otherPoints?: CriterionScore;
  /** The overall score, on the pack's overall scale (0-10). */
  overall: number;
  /** The overall analysis. */
  rationale: string;
  /** The judge's answer, verbatim. */
  text: string;
}
