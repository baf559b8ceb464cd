/** Text without the given characters, and white space, at its end. A regular expression ending in `+$` would take time squared. */
export function trimSignsEnd(text: string, signs: string): string {
  let end = text.length;
  while (end > 0 && (signs.includes(text[end - 1]!) || text[end - 1]!.trim() === "")) end--;
  return text.slice(0, end);
}

/** Text without the given characters, and white space, at its beginning. */
export function trimSignsStart(text: string, signs: string): string {
  let start = 0;
  while (start < text.length && (signs.includes(text[start]!) || text[start]!.trim() === "")) start++;
  return text.slice(start);
}
