/** A term as it is compared: lower case, letters and digits only, single spaces. Empty for a term of signs alone. */
export function normaliseTerm(term: string): string {
  return term
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, " ")
    .trim();
}
