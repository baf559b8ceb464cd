import type { Message } from "../../core/message.ts";
import { HashList } from "../text/hash-list.ts";
import { hashWords } from "../text/hash-words.ts";
import { keyOfWords } from "../text/key-of-words.ts";
import type { Task, TextBatch } from "./task.ts";

/** Keys of 64 bits, a row's two halves side by side: equal for rows whose texts are equal when normalised. */
export interface Keys {
  prompt: Uint32Array;
  chosen: Uint32Array;
  rejected: Uint32Array;
}

/** Hashes the normalised texts of a batch. */
export const keyTask: Task<null, TextBatch, Keys> = {
  name: "keys",
  open() {
    const words = new HashList();
    const write = (into: Uint32Array, at: number, texts: string[]) => {
      words.length = 0;
      for (const [index, text] of texts.entries()) {
        // A message's end is no word: the same words in other messages are another conversation.
        if (index > 0) words.push(1, 1);
        hashWords(text, words);
      }
      [into[2 * at], into[2 * at + 1]] = keyOfWords(words);
    };
    return ({ messages, chosen, rejected }) => {
      const keys: Keys = {
        prompt: new Uint32Array(2 * messages.length),
        chosen: new Uint32Array(2 * messages.length),
        rejected: new Uint32Array(2 * messages.length),
      };
      for (let at = 0; at < messages.length; at++) {
        write(
          keys.prompt,
          at,
          (JSON.parse(messages[at]!) as Message[]).map(({ content }) => content),
        );
        write(keys.chosen, at, [chosen[at]!]);
        write(keys.rejected, at, [rejected[at]!]);
      }
      return keys;
    };
  },
};
