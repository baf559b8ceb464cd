import { KeyIndex, type SharedKeys } from "../rows/key-index.ts";
import { HashList } from "../text/hash-list.ts";
import { hashNgrams } from "../text/hash-ngrams.ts";
import { hashWords } from "../text/hash-words.ts";
import { keyOfText } from "../text/key-of-text.ts";
import { keyOfWords } from "../text/key-of-words.ts";
import type { Reference } from "./reference.ts";

/** Fewest words of a prompt that is looked for inside of others, and of a later message of the user. */
export const fewestWords = 8;

/** Everything to compare with, as tables that all threads share. */
export interface SharedReferences {
  /** Words of a run that is too long to be a coincidence. */
  words: number;
  /** Prompts word for word, and when normalised. */
  exact: SharedKeys;
  normalised: SharedKeys;
  /** Runs of words of prompts and responses. */
  runs: SharedKeys;
  /** Whole prompts that are shorter than such a run, and the lengths that occur. */
  contained: SharedKeys;
  containedLengths: number[];
}

/** What is compared with, and what its numbers stand for. */
export interface ReferenceIndex {
  shared: SharedReferences;
  /** Set and key by number. */
  items: { set: string; key: string }[];
  /** Items by set. */
  sets: Map<string, number>;
}

/** Builds the tables. Memory: some 30 bytes for each word of the references. */
export async function indexReferences(references: AsyncIterable<Reference>, words: number): Promise<ReferenceIndex> {
  const [exact, normalised, runs, contained] = [new KeyIndex(), new KeyIndex(), new KeyIndex(), new KeyIndex()];
  const items: ReferenceIndex["items"] = [];
  const sets = new Map<string, number>();
  const lengths = new Set<number>();
  const [list, grams] = [new HashList(), new HashList()];
  const addRuns = (item: number) => {
    grams.length = 0;
    hashNgrams(list, words, grams);
    for (let at = 0; at < grams.length; at++) runs.add(grams.high[at]!, grams.low[at]!, item);
  };
  for await (const { set, key, prompts, responses } of references) {
    const item = items.push({ set, key }) - 1;
    sets.set(set, (sets.get(set) ?? 0) + 1);
    for (const [index, prompt] of [...prompts.main, ...prompts.later].entries()) {
      list.length = 0;
      hashWords(prompt, list);
      if (list.length < (index < prompts.main.length ? 1 : fewestWords)) continue;
      exact.add(...keyOfText(prompt), item);
      normalised.add(...keyOfWords(list), item);
      addRuns(item);
      if (list.length < fewestWords || list.length >= words) continue;
      lengths.add(list.length);
      grams.length = 0;
      hashNgrams(list, list.length, grams);
      contained.add(grams.high[0]!, grams.low[0]!, item);
    }
    for (const response of responses) {
      list.length = 0;
      hashWords(response, list);
      addRuns(item);
    }
  }
  const shared: SharedReferences = {
    words,
    exact: exact.share(),
    normalised: normalised.share(),
    runs: runs.share(),
    contained: contained.share(),
    containedLengths: [...lengths].sort((a, b) => a - b),
  };
  return { shared, items, sets };
}
