import type { Message } from "../../../core/message.ts";
import type { ChatCodec } from "../rollout/chat-codec.ts";

/** Answers are written in whole phrases, one token each; conversations in characters. */
const firstPhrase = 100_000;

const criteriaList = (...terms: string[]) =>
  `[Start of Criteria]\n${terms.map((term, index) => `${index + 1}. **${term}**: as it should be`).join("\n")}\n[End of Criteria]`;

/** What the toy model can say. */
export const phrases = {
  /** Criteria that look at what decides, and some that look past it. */
  useful: criteriaList("Colour", "Tone", "Length"),
  useless: criteriaList("Punctuation", "Tone", "Length"),
  babble: "I would rather talk about the weather.",
  scores: Array.from({ length: 11 }, (_, score) => `Overall: as it is \\boxed{${score}}`),
};

const vocabulary = [phrases.useful, phrases.useless, phrases.babble, ...phrases.scores];

/** Tokens of phrases, and the one that ends an answer. */
export const phraseCount = vocabulary.length + 1;
export const endOfAnswer = firstPhrase + vocabulary.length;

/** Number of a phrase (the end of an answer is the last), or undefined for a character. */
export function phraseOf(token: number): number | undefined {
  return token < firstPhrase ? undefined : token - firstPhrase;
}

export function tokenOfPhrase(phrase: number): number {
  return firstPhrase + phrase;
}

/** The conversation that characters stand for. */
export function textOf(tokens: Int32Array): string {
  return String.fromCharCode(...tokens.filter((token) => token < firstPhrase));
}

export const toyCodec: ChatCodec = {
  encode(messages: readonly Message[]) {
    const text = messages.map(({ role, content }) => `<${role}>${content}`).join("\n");
    const tokens = new Int32Array(text.length);
    for (let at = 0; at < text.length; at++) tokens[at] = text.charCodeAt(at);
    return tokens;
  },
  decode: (tokens) => [...tokens].map((token) => vocabulary[phraseOf(token) ?? -1] ?? "").join("\n"),
  stop: [endOfAnswer],
  contextTokens: undefined,
};
