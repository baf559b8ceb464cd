import type { Message } from "../../core/message.ts";
import { KeyIndex } from "../rows/key-index.ts";
import { HashList } from "../text/hash-list.ts";
import { hashNgrams } from "../text/hash-ngrams.ts";
import { hashWords } from "../text/hash-words.ts";
import { keyOfText } from "../text/key-of-text.ts";
import { keyOfWords } from "../text/key-of-words.ts";
import { promptsOf } from "./prompts-of.ts";
import { fewestWords, type SharedReferences } from "./reference-index.ts";

export const contaminationKinds = ["exact prompt", "normalised prompt", "prompt contained", "shared run"] as const;

/** How a row touches the references. */
export interface Contamination {
  kind: (typeof contaminationKinds)[number];
  part: "prompt" | "chosen" | "rejected";
  /** Number of the reference. */
  item: number;
}

/** Fewest words of a single line of the first message that is compared with whole prompts. */
const fewestLineWords = 4;

/**
 * A function that says how a row touches the references, the surest way first: a message, a line of one or the whole
 * conversation is a reference's prompt, word for word or when normalised; a prompt of 8 words or more stands inside it; or any text of the row
 * has a run of words in common with a prompt or a response.
 */
export function contaminationFinder(
  shared: SharedReferences,
): (row: { messages: readonly Message[]; chosen: string; rejected: string }) => Contamination | undefined {
  const [exact, normalised] = [KeyIndex.of(shared.exact), KeyIndex.of(shared.normalised)];
  const [runs, contained] = [KeyIndex.of(shared.runs), KeyIndex.of(shared.contained)];
  const [words, grams] = [new HashList(), new HashList()];
  const read = (text: string) => {
    words.length = 0;
    hashWords(text, words);
  };
  const anyGram = (size: number, index: KeyIndex) => {
    grams.length = 0;
    hashNgrams(words, size, grams);
    for (let at = 0; at < grams.length; at++) {
      const item = index.get(grams.high[at]!, grams.low[at]!);
      if (item !== undefined) return item;
    }
    return undefined;
  };
  const samePrompt = (texts: readonly string[], fewest: number): Contamination | undefined => {
    for (const text of texts) {
      read(text);
      if (words.length < fewest) continue;
      const item = exact.get(...keyOfText(text)) ?? normalised.get(...keyOfWords(words));
      if (item === undefined) continue;
      const kind = exact.get(...keyOfText(text)) === undefined ? "normalised prompt" : "exact prompt";
      return { kind, part: "prompt", item };
    }
    return undefined;
  };
  return ({ messages, chosen, rejected }) => {
    const { main, later, lines } = promptsOf(messages);
    const same = samePrompt(main, 1) ?? samePrompt(later, fewestWords) ?? samePrompt(lines, fewestLineWords);
    if (same !== undefined) return same;
    for (const { content } of messages) {
      read(content);
      for (const length of shared.containedLengths) {
        const item = anyGram(length, contained);
        if (item !== undefined) return { kind: "prompt contained", part: "prompt", item };
      }
      const item = anyGram(shared.words, runs);
      if (item !== undefined) return { kind: "shared run", part: "prompt", item };
    }
    for (const [part, text] of [
      ["chosen", chosen],
      ["rejected", rejected],
    ] as const) {
      read(text);
      const item = anyGram(shared.words, runs);
      if (item !== undefined) return { kind: "shared run", part, item };
    }
    return undefined;
  };
}
