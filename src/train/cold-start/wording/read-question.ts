import { leadingNounPhrase } from "./noun-phrase.ts";
import { isParticiple, isVerb, thirdPerson } from "./verbs.ts";

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
const adverb = /^[a-z]{3,}ly$/i;

/**
 * Reads a question about a response. Where its subject is the response as a whole, the term is the object of its verb and
 * the statement what the response does: "Does the generated text include a title?" is Title, "Includes a title". Else the
 * term is the subject and the statement the question: "Is the setting of the generated scene a bar?" is Setting, "Is the
 * setting of the scene a bar".
 */
export function readQuestion(question: string): QuestionReading {
  const text = question
    .replace(/\s+/g, " ")
    .trim()
    .replace(/[?.\s]+$/, "");
  const asked = withoutGenerated(text);
  const plain = text.replace(/^in the [^,]{3,60}, /i, "");
  const action = /^(?:does|do|did|has|have)\s+(.+)$/is.exec(plain)?.[1];
  const state = /^(?:is|are|was|were)\s+(.+)$/is.exec(plain)?.[1];
  const reading = action !== undefined ? readAction(action) : state !== undefined ? readState(state) : {};
  return { term: reading.term, statement: reading.statement ?? asked };
}

/** Reads a part of a question that begins with a verb or its participle: "ensuring a safe trip" is Safe trip. */
export function readClause(clause: string): QuestionReading {
  const words = clause.replace(/\s+/g, " ").trim().split(" ");
  const at = words.findIndex((word) => isVerb(word) || isParticiple(word));
  const before = words.slice(0, Math.max(0, at));
  if (at === -1 || !before.every((word) => adverb.test(word)))
    return { term: undefined, statement: capitalised(clause) };
  return { term: objectOf(words.slice(at + 1)), statement: predicate(words, at) };
}

function readAction(rest: string): Partial<QuestionReading> {
  const words = rest.split(" ");
  // After "generated" it is a noun: a generated cover letter.
  const at = words.findIndex((word, index) => index > 0 && isVerb(word) && !/^generated$/i.test(words[index - 1]!));
  if (at === -1) return {};
  const adverbs = words.slice(0, at).filter((word) => adverb.test(word));
  const subject = words
    .slice(0, at)
    .filter((word) => !adverb.test(word))
    .join(" ");
  if (!whole.test(subject)) return { term: leadingNounPhrase(withoutGenerated(subject)) };
  return {
    term: objectOf(words.slice(at + 1)),
    statement: predicate([...adverbs, ...words.slice(at)], adverbs.length),
  };
}

function readState(rest: string): Partial<QuestionReading> {
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
  return capitalised(withoutGenerated([...words.slice(0, at), spoken, ...words.slice(at + 1)].join(" ")));
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
