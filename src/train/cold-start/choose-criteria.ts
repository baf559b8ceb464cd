import type { Criterion } from "../../core/criteria.ts";
import type { Query } from "../../core/query.ts";
import type { CountTokens } from "../../curate/text/count-tokens.ts";
import { normaliseTerm } from "../../prompts/normalise-term.ts";
import type { Pack } from "../../prompts/pack.ts";
import type { QuestionReading } from "./wording/read-question.ts";
import { shortenClause } from "./wording/shorten-clause.ts";

/** A criterion of a record before it is fitted to a pack: its term and statement (see `QuestionReading`). */
export interface RawCriterion extends QuestionReading {
  /** What kind of thing it asks about, where the record says; lists cover different kinds first. */
  kinds?: readonly string[];
}

export interface FitOptions {
  pack: Pack;
  /** Tokens of the model that will be trained. */
  countTokens: CountTokens;
}

/**
 * The criteria of a record as a list of the pack: the terms and descriptions that fit the limits of its form (tokens of
 * both; a description may be shortened at the end of a clause), name nothing that the query does not name, and do not
 * repeat a term; as many as the pack's form takes. Where there are more, first the first one of each kind, then the first
 * ones; they stay in the record's order, which is by importance or as near to it as the record has. Undefined where
 * fewer are left than the form asks for. `at` are their positions in the record.
 */
export function chooseCriteria(
  raw: readonly RawCriterion[],
  query: Query,
  { pack, countTokens }: FitOptions,
): { criteria: Criterion[]; at: number[] } | undefined {
  const { min, max, termTokens, descriptionTokens } = pack.form.criteria;
  const known = wordsIn(query.messages.map(({ content }) => content).join(" "));
  const terms = new Set<string>();
  const fitting = raw.flatMap(({ term, statement, kinds = [] }, at) => {
    if (term === undefined || countTokens(term) > termTokens || terms.has(normaliseTerm(term))) return [];
    const short = shortenClause(statement, (text) => countTokens(` ${text}`) <= descriptionTokens);
    if (short === undefined || [...namesIn(`${term}. ${short}`)].some((name) => !known.has(name))) return [];
    terms.add(normaliseTerm(term));
    return [{ at, kinds, criterion: { term, description: short } }];
  });
  if (fitting.length < min) return undefined;
  const covered = new Set<string>();
  const leading = fitting.filter(({ kinds }) => {
    const isNew = kinds.some((kind) => !covered.has(kind));
    for (const kind of kinds) covered.add(kind);
    return isNew;
  });
  const chosen = [...new Set([...leading, ...fitting])].slice(0, max).sort((a, b) => a.at - b.at);
  return { criteria: chosen.map(({ criterion }) => criterion), at: chosen.map(({ at }) => at) };
}

/** What a text names, in lower case: numbers, and words with a capital that a sentence does not begin with, or with two. */
function namesIn(text: string): Set<string> {
  const words = text.matchAll(/(?<![\p{L}\p{N}])(?:\p{Lu}[\p{L}\p{N}]*|\p{N}+)/gu);
  const names = [...words].filter(
    ({ 0: word, index }) => /\p{N}|\p{Lu}.*\p{Lu}/u.test(word) || !/(?:^|[.!?:]\s)$/.test(text.slice(0, index)),
  );
  return new Set(names.map(([word]) => word.toLowerCase()));
}

/** All words and numbers of a text, in lower case. */
function wordsIn(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu));
}
