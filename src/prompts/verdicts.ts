/** What a pairwise judge can say of two responses: the first is better, the second is, or neither. */
export type Verdict = "A" | "B" | "tie";

/** The letter that stands for a verdict between double square brackets. */
export const verdictLetters = { A: "A", B: "B", tie: "C" } as const satisfies Record<Verdict, string>;

/** How a judge writes each verdict. */
export const verdictTexts: Record<Verdict, string> = { A: "[[A]]", B: "[[B]]", tie: "[[C]]" };

/** A verdict in a judge's text; offsets in UTF-16 units. */
export interface FoundVerdict {
  start: number;
  end: number;
  /** Where the letter stands. */
  letterAt: number;
  verdict: Verdict;
}

// Emphasis inside the brackets are form, not meaning.
const written = /\[\s*\[[\s*_]*([ABC])[\s*_]*\]\s*\]/gi;
const readsLikeOne = /\[(?=\\*\s*\[[\s*_]*[ABC][\s*_]*\]\s*\])/gi;
const readsLikeNeutralised = /\[\\(?=\\*\s*\[[\s*_]*[ABC][\s*_]*\]\s*\])/gi;

/** Every verdict a text contains, in order. */
export function findVerdicts(text: string): FoundVerdict[] {
  return [...text.matchAll(written)].map((match) => {
    const letter = match[1]!.toUpperCase();
    const verdict = letter === "C" ? "tie" : (letter as "A" | "B");
    const letterAt = match.index + match[0].search(/[ABC]/i);
    return { start: match.index, end: match.index + match[0].length, letterAt, verdict };
  });
}

/**
 * Makes verdicts in a query or response harmless: `[[A]]` becomes `[\[A]]`, which is no verdict even where the judge
 * quotes it. Reversible, as with markers.
 */
export function neutraliseVerdicts(text: string): string {
  return text.replace(readsLikeOne, "$&\\");
}

/** Inverse of `neutraliseVerdicts`. */
export function restoreVerdicts(text: string): string {
  return text.replace(readsLikeNeutralised, (match) => match.slice(0, -1));
}
