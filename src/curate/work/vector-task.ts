import type { Message } from "../../core/message.ts";
import { HashList } from "../text/hash-list.ts";
import { hashNgrams } from "../text/hash-ngrams.ts";
import { hashWords } from "../text/hash-words.ts";
import type { Task, TextBatch } from "./task.ts";

/** Numbers of a sketch. */
export const dimensions = 64;

/**
 * Sketches of prompts: words and pairs of words, hashed with signs into 64 numbers (feature hashing, Weinberger et al.,
 * 2009), repetitions damped, of length 1. Products estimate the cosine similarity of the counts.
 */
export const vectorTask: Task<null, TextBatch, { vectors: Float32Array }> = {
  name: "vectors",
  open() {
    const [words, grams] = [new HashList(), new HashList()];
    return ({ messages }) => {
      const vectors = new Float32Array(messages.length * dimensions);
      for (let row = 0; row < messages.length; row++) {
        words.length = grams.length = 0;
        for (const { content } of JSON.parse(messages[row]!) as Message[]) hashWords(content, words);
        hashNgrams(words, 1, grams);
        hashNgrams(words, 2, grams);
        write(grams, vectors.subarray(row * dimensions, (row + 1) * dimensions));
      }
      return { vectors };
    };
  },
};

function write(grams: HashList, into: Float32Array): void {
  const counts = new Map<number, number>();
  for (let at = 0; at < grams.length; at++) counts.set(grams.low[at]!, (counts.get(grams.low[at]!) ?? 0) + 1);
  for (const [hash, count] of counts) {
    const weight = 1 + Math.log(count);
    into[hash % dimensions]! += (hash >>> 16) & 1 ? weight : -weight;
  }
  const length = Math.hypot(...into);
  if (length > 0) for (let at = 0; at < dimensions; at++) into[at]! /= length;
}
