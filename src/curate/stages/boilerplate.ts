import { z } from "zod";
import { HashList } from "../text/hash-list.ts";
import { hashNgrams } from "../text/hash-ngrams.ts";
import { hashWords } from "../text/hash-words.ts";
import type { RowFilter } from "./row-filter.ts";

const where = z.enum(["chosen", "both", "either", "off"]);

const settings = z.strictObject({
  /** Responses that begin by refusing: rows where the chosen one does, both do, or either. */
  refusals: where.default("both"),
  /** Responses that speak of themselves as a language model. */
  selfReference: where.default("chosen"),
  /** Responses that hold marks of a chat format, or go on with another speaker's turn. */
  markup: where.default("chosen"),
  /** Responses that repeat themselves. */
  loops: where.default("chosen"),
  /** Largest share of runs of four words that occurred before, in a response of 40 words or more. */
  maxRepeated: z.number().min(0).max(1).default(0.6),
});

type Settings = z.infer<typeof settings>;

const refusal =
  /^\W*(?:(?:i['’]?m|i am) (?:so |very |really |terribly )?(?:sorry|afraid)\b[^.!?]{0,60}?\b(?:can['’]?t|cannot|can not|unable|not able|won['’]?t|will not|don['’]?t)\b|(?:i|as an ai[^.!?]{0,40}?,? i) (?:can['’]?t|cannot|can not|won['’]?t|will not|am unable to|am not able to|must decline)\b|(?:sorry|apologies|unfortunately),? (?:but )?i (?:can['’]?t|cannot|am unable|am not able|won['’]?t)\b)/i;
const selfReference =
  /\bas an? (?:ai|artificial intelligence|large)\b[^.!?]{0,20}\b(?:language )?(?:model|assistant)?\b|\bas an ai\b/i;
const markup =
  /<\|(?:im_start|im_end|endoftext|eot_id|start_header_id|user|assistant)\|?>|\[\/?INST\]|<<\/?SYS>>|(?:^|\n)\s*(?:Human|Assistant|User|### (?:Instruction|Response|Human|Assistant)):/;

/** Responses that teach form instead of judgement: refusals, talk of being a model, chat marks, loops. */
export const boilerplate: RowFilter<Settings> = {
  name: "boilerplate",
  summary: "refusals, talk of being a language model, marks of a chat format, loops",
  settings,
  open(chosenSettings) {
    const kinds: { name: string; where: z.infer<typeof where>; test: (text: string) => boolean }[] = [
      { name: "refusal", where: chosenSettings.refusals, test: (text) => refusal.test(text.slice(0, 300)) },
      {
        name: "speaks of itself as a model",
        where: chosenSettings.selfReference,
        test: (text) => selfReference.test(text),
      },
      { name: "marks of a chat format", where: chosenSettings.markup, test: (text) => markup.test(text) },
      { name: "repeats itself", where: chosenSettings.loops, test: repetition(chosenSettings.maxRepeated) },
    ];
    return ({ chosen, rejected }) => {
      for (const { name, where: sides, test } of kinds) {
        if (sides === "off") continue;
        const found = test(chosen);
        if (sides === "chosen" ? found : sides === "both" ? found && test(rejected) : found || test(rejected))
          return {
            reason: `${name} (${sides === "chosen" ? "chosen" : sides === "both" ? "both responses" : "a response"})`,
          };
      }
      return undefined;
    };
  },
};

const [runWords, fewestWords] = [4, 40];

/** Whether more of a text's runs of words than that occurred in it before. */
function repetition(most: number): (text: string) => boolean {
  const [words, grams] = [new HashList(), new HashList()];
  return (text) => {
    words.length = grams.length = 0;
    hashWords(text, words);
    if (words.length < fewestWords) return false;
    hashNgrams(words, runWords, grams);
    const different = new Set(grams.high.subarray(0, grams.length)).size;
    return 1 - different / grams.length > most;
  };
}
