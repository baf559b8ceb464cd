import { isAdverb, isParticiple } from "./verbs.ts";

const determiners = new Set(
  "a an the any some its their his her this that these those all each every both either such own given".split(" "),
);
/** Words that a noun phrase ends before. */
const boundaries = new Set(
  `of in on at by for with without from to into about as that which where when while who whose including considering between
  through throughout against using related regarding concerning based among across under over within than so if or whether
  is are was were be has have it they given because via per like not only how why what such no start starts specified`.split(
    /\s+/,
  ),
);
/** Phrases that say nothing about what is looked at. */
const empty = /^(?:free|casual|written|information|form|format|text|response|output|use|limit|clear|concise)$/i;
const mostWords = 4;
/** Words that are no term alone: determiners, numerals, and adjectives whose noun was read as a verb or stands behind a comma. */
const incomplete =
  /^(?:there|first|second|third|fourth|fifth|last|next|one|two|three|four|five|six|seven|eight|nine|ten|overall|main|entire|whole|\p{L}+ed)$/iu;
/** What follows a noun and says more about it: questions included, a dataset consisting of. */
const following = /^(?:[a-z]+[^e]ed|set|made|given|written)$/i;

/**
 * The noun phrase at the beginning of a text, as the term of a criterion: without determiners and leading adverbs, up to
 * the first preposition, conjunction or sign, without participles that follow the noun, its first letter upper case.
 * Undefined where that leaves nothing, a word that is no noun, or more than four words, which is a clause rather than a term.
 */
export function leadingNounPhrase(text: string): string | undefined {
  const words = text
    .replace(/^(?:take )?(?:the )?(?:form|format|use) of /i, "")
    .replace(/\bgenerated\s+/gi, "")
    .trim()
    .split(/\s+/);
  while (words.length > 1 && (determiners.has(words[0]!.toLowerCase()) || isAdverb(words[0]!))) words.shift();
  const phrase: string[] = [];
  for (const word of words) {
    if (boundaries.has(word.toLowerCase()) || /^[("'\u201c\u2018[]/.test(word)) break;
    phrase.push(word.replace(/[,.;:!?)]+$/, ""));
    if (/[,.;:!?)]$/.test(word)) break;
  }
  // A participle with an object of its own, or at the end, begins a clause about the noun: a puzzle incorporating a set.
  const clause = phrase.findIndex((word, index) => index > 0 && isParticiple(word));
  const object = phrase[clause + 1];
  if (clause !== -1 && (object === undefined || determiners.has(object.toLowerCase()))) phrase.length = clause;
  while (phrase.length > 1 && following.test(phrase.at(-1)!) && !/^(?:and|or)$/i.test(phrase.at(-2)!)) phrase.pop();
  while (/^(?:and|or|then|also|more|most|very)$/i.test(phrase.at(-1) ?? "")) phrase.pop();
  if (
    phrase.length === 0 ||
    phrase.length > mostWords ||
    /^there$/i.test(phrase[0]!) ||
    (phrase.length === 1 && isIncomplete(phrase[0]!)) ||
    !phrase.every((word) => /^[\p{L}\p{N}][\p{L}\p{N}'\u2019/&-]*$/u.test(word))
  )
    return undefined;
  const term = phrase.join(" ");
  return /\p{L}{3}/u.test(term) && !empty.test(term) ? term.charAt(0).toUpperCase() + term.slice(1) : undefined;
}

/** Whether a word needs a noun after it: a determiner, a numeral, an adjective of place or a participle. */
export function isIncomplete(word: string): boolean {
  return determiners.has(word.toLowerCase()) || incomplete.test(word);
}
