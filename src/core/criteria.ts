/** One thing to look at when a response is evaluated: a short term and what it means. */
export interface Criterion {
  term: string;
  description: string;
}

/** An ordered list of criteria, most important first, with the judge's own text, which turn 2 continues from. */
export interface Criteria {
  items: Criterion[];
  /** The assistant's answer of turn 1, verbatim; for criteria given by the user, their list written out the same way. */
  text: string;
}
