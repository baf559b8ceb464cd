import { isIncomplete, leadingNounPhrase } from "./noun-phrase.ts";
import { isAdverb, isParticiple, isVerb, thirdPerson } from "./verbs.ts";

/** A yes-or-no question about a response, as a criterion. */
export interface QuestionReading {
  /** What the question is about; undefined where the rules cannot tell. */
  term: string | undefined;
  /** What a good response does, or the question itself. No sign at its end. */
  statement: string;
}

/** Words after a verb that belong to it rather than to its object. */
const particles = new Set("of to on as with for from about up out in".split(" "));
/** Subjects that are the response as a whole. */
const whole =
  /^(?:the )?(?:(?:given |new |revised )?(?:response|output|answer|model)|generated (?:text|response|output)|generated (?:\S+ ?){1,4})$/i;
/** In a subject these are verbs that `isVerb` does not know, or a denial: what follows is not what the question asks. */
const otherVerb = /\b(?:not|have|be|range)\b/i;

/**
 * Reads a question about a response. Where its subject is the response as a whole, the term is the object of its verb and
 * the statement what the response does: "Does the generated text include a title?" is Title, "Includes a title". Else the
 * term is the subject and the statement says what is asked where its verb is found: "Does each entry in the table contain a
 * date?" is Entry, "Each entry in the table contains a date"; or is the question: "Is the setting of the generated scene a
 * bar?" is Setting, "Is the setting of the scene a bar".
 */
export function readQuestion(question: string): QuestionReading {
  const text = question
    .replace(/\s+/g, " ")
    .trim()
    .replace(/[?.\s]+$/, "");
  const place = /^in the [^,]{3,60}, /i.exec(text)?.[0] ?? "";
  const asked = text.slice(place.length);
  const action = /^(does|do|did|has|have)\s+(.+)$/i.exec(asked);
  const state = /^(is|are|was|were)\s+(.+)$/i.exec(asked);
  const reading = action ? readAction(action[1]!, action[2]!, place) : state ? readState(state[1]!, state[2]!) : {};
  return { term: reading.term, statement: reading.statement ?? withoutGenerated(text) };
}

/** Reads a part of a question that begins with a verb or its participle: "ensuring a safe trip" is Safe trip. */
export function readClause(clause: string): QuestionReading {
  const words = clause.replace(/\s+/g, " ").trim().split(" ");
  const at = words.findIndex((word) => isVerb(word) || isParticiple(word));
  const before = words.slice(0, Math.max(0, at));
  if (at === -1 || !before.every((word) => isAdverb(word))) return { term: undefined, statement: capitalised(clause) };
  return { term: objectOf(words.slice(at + 1)), statement: predicate(words, at) };
}

function readAction(auxiliary: string, rest: string, place: string): Partial<QuestionReading> {
  const words = rest.split(" ");
  const at = words.findIndex((word, index) => index > 0 && isVerb(word) && !isNoun(words, index));
  if (at === -1) return {};
  const adverbs = words.slice(0, at).filter((word) => isAdverb(word));
  const subject = words
    .slice(0, at)
    .filter((word) => !isAdverb(word))
    .join(" ");
  if (!whole.test(subject)) {
    const term = leadingNounPhrase(withoutGenerated(subject));
    // Only "does" and "do" stand before a verb whose form in a statement is known.
    const verb = { does: thirdPerson(words[at]!), do: words[at]! }[auxiliary.toLowerCase()];
    if (verb === undefined || otherVerb.test(subject)) return { term };
    return { term, statement: capitalised(withoutGenerated(place + words.with(at, verb).join(" "))) };
  }
  return {
    term: objectOf(words.slice(at + 1)),
    statement: predicate([...adverbs, ...words.slice(at)], adverbs.length),
  };
}

/**
 * Whether a word that can be a verb is a noun where it stands: after a word that needs one (a generated cover letter, the
 * first list, each day's plan), or before the verb itself (the outline explicitly includes).
 */
function isNoun(words: readonly string[], at: number): boolean {
  const next = words.slice(at + 1).find((word) => !isAdverb(word));
  return isIncomplete(words[at - 1]!) || /['\u2019]s?$/.test(words[at - 1]!) || (next !== undefined && isVerb(next));
}

function readState(auxiliary: string, rest: string): Partial<QuestionReading> {
  const existing = /^there\s+(.+)$/i.exec(rest)?.[1];
  if (existing !== undefined)
    return {
      term: leadingNounPhrase(existing.replace(/^(?:at (?:least|most)|exactly|only|no more than) /i, "")),
      statement: withoutGenerated(`There ${auxiliary.toLowerCase()} ${existing}`),
    };
  const state = /^(?:the generated (?:text|response|output)|the response|the output|it)\s+(.+)$/i.exec(rest)?.[1];
  if (state !== undefined)
    return {
      term: leadingNounPhrase(state.replace(/^(?:in|of|about|for|from|written)\s+/i, "")),
      statement: withoutGenerated(`Is ${state}`),
    };
  const part =
    /^(?:the )?(.+?) (?:of|in|within|from|for) (?:the |each |every )?(?:generated|response|output|text)\b/i.exec(
      rest,
    )?.[1];
  return { term: part === undefined ? undefined : leadingNounPhrase(part) };
}

/** Words whose verb stands at `at`, as what a response does. */
function predicate(words: string[], at: number): string {
  const verb = words[at]!;
  const spoken = isVerb(verb) ? thirdPerson(verb) : verb;
  return capitalised(withoutGenerated(words.with(at, spoken).join(" ")));
}

function objectOf(words: string[]): string | undefined {
  const start = particles.has(words[0]?.toLowerCase() ?? "") ? 1 : 0;
  return leadingNounPhrase(words.slice(start).join(" "));
}

/** "The generated text" is the response; "the generated list" is the list. */
function withoutGenerated(text: string): string {
  return text.replace(/\bgenerated text\b/gi, "response").replace(/\bgenerated\s+/gi, "");
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
