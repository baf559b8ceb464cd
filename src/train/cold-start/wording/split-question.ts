import { isParticiple, isVerb } from "./verbs.ts";

/**
 * The parts of a question that asks several things at once: it is split before a verb or its participle that follows a
 * comma, "and", "while", "then" or "by" (an adverb may stand between). The parts keep their words; a list of nouns stays
 * whole.
 */
export function splitQuestion(question: string): string[] {
  const text = question.trim().replace(/[?.\s]+$/, "");
  const joint = /(?:,\s*|\s)(?:(?:and|while|then|by|also|but)\s+)*(?:while\s+)?(?=(?:[a-z]+ly\s+)?([a-z]+)\b)/gi;
  const parts: string[] = [];
  let start = 0;
  for (const match of text.matchAll(joint)) {
    const isJoint = /,|\b(?:and|while|then|by|but)\b/i.test(match[0]);
    if (!isJoint || match.index === 0 || !(isVerb(match[1]!) || isParticiple(match[1]!))) continue;
    parts.push(text.slice(start, match.index));
    start = match.index + match[0].length;
  }
  parts.push(text.slice(start));
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}
