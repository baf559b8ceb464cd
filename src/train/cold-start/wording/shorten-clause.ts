import { endsWithVerb, isParticiple } from "./verbs.ts";

/**
 * Where a text may end without losing its sense, from the surest to the least sure. A comma may stand between the members
 * of a list, so one counts only where a clause begins after it.
 */
const boundaries = [
  /;\s|\s\(|\s[\u2013\u2014-]\s|,?\s(?:while|including|considering|without|such as|so that|in order|rather than|specifically|especially|as well as|which)\s/g,
  /,\s(?=(?:[a-z]+ly\s)?(?<verb>[a-z]+ing)\s)|\s(?:by (?=\w+ing\s)|through\s|throughout\s)/g,
  /(?<!,)\s(?:and|with|that|for|based)\s/g,
];

/**
 * The longest beginning of a text that fits and ends where a clause does, at the surest kind of place that gives one;
 * the whole text where it fits. Undefined where nothing fits: text is never cut inside a clause. `leastWords` keeps a
 * beginning from saying too little.
 */
export function shortenClause(text: string, fits: (text: string) => boolean, leastWords = 4): string | undefined {
  const whole = tidy(text);
  if (fits(whole)) return whole;
  for (const boundary of boundaries) {
    const starts = [...whole.matchAll(boundary)]
      .filter(({ groups }) => groups?.verb === undefined || isParticiple(groups.verb))
      .map((match) => match.index);
    const found = starts
      .reverse()
      .map((start) => tidy(whole.slice(0, start)))
      .find(
        (part) =>
          part.split(" ").length >= leastWords &&
          !endsWithVerb(part) &&
          !endsInsideList(part) &&
          balanced(part) &&
          fits(part),
      );
    if (found !== undefined) return found;
  }
  return undefined;
}

function tidy(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .trim()
    .replace(/[\s.;:,?!]+$/, "");
}

/** Whether a text ends with a short member of a list, after which others may have stood. */
function endsInsideList(text: string): boolean {
  return /,\s+\S+(?:\s+\S+)?$/.test(text);
}

/** Whether every bracket and quotation that is opened is closed. */
function balanced(text: string): boolean {
  const count = (sign: RegExp) => text.match(sign)?.length ?? 0;
  return (
    count(/(?<![\p{L}\p{N}])['\u2018]/gu) === count(/['\u2019](?![\p{L}\p{N}])/gu) &&
    count(/\(/g) === count(/\)/g) &&
    count(/"/g) % 2 === 0 &&
    count(/\u201c/g) === count(/\u201d/g)
  );
}
