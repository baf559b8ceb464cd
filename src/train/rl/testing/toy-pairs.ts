import type { PreferencePair } from "../../../core/preference-pair.ts";
import { seededRandom } from "../../../core/random.ts";

/** Pairs under the rule that a response with the word "blue" is better. */
export function toyPairs(count: number, name: string, seed = 1): PreferencePair[] {
  const random = seededRandom(seed);
  const pick = (words: string[]) => words[Math.floor(random() * words.length)]!;
  const things = ["sky", "sea", "door", "hat", "car"];
  return Array.from({ length: count }, (_, index) => ({
    id: `${name}#${index}`,
    messages: [{ role: "user", content: `What is the ${pick(things)} like today?` }],
    chosen: `It is ${pick(["quite", "very", "rather"])} blue.`,
    rejected: `It is ${pick(["red", "green", "grey"])}.`,
    source: "toy",
  }));
}
