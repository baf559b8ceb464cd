import type { Message } from "../../core/message.ts";
import { HashList } from "../text/hash-list.ts";
import { hashWords } from "../text/hash-words.ts";
import { keyOfWords } from "../text/key-of-words.ts";
import type { Task, TextBatch } from "./task.ts";

/** Keys of 64 bits, two halves side by side, and the number of words of the user's first message. */
export interface OpeningKeys {
  keys: Uint32Array;
  words: Uint32Array;
}

/** Hashes the user's first message of every conversation. */
export const openingKeyTask: Task<null, TextBatch, OpeningKeys> = {
  name: "opening-keys",
  open() {
    const list = new HashList();
    return ({ messages }) => {
      const keys = new Uint32Array(2 * messages.length);
      const words = new Uint32Array(messages.length);
      for (let at = 0; at < messages.length; at++) {
        const opening = (JSON.parse(messages[at]!) as Message[]).find(({ role }) => role === "user");
        list.length = 0;
        hashWords(opening?.content ?? "", list);
        words[at] = list.length;
        [keys[2 * at], keys[2 * at + 1]] = keyOfWords(list);
      }
      return { keys, words };
    };
  },
};
