import type { Random } from "../../core/random.ts";
import { shuffle } from "../../core/shuffle.ts";
import type { ColdStartExample } from "./cold-start-example.ts";

/**
 * Keeps the most frequent overall score of a source from drowning the others: of its examples as many keep their turn 2 as
 * the second most frequent score has, drawn at random. The others keep turn 1 where they teach it, and are left out where
 * they do not. In the order of the input.
 */
export function capScores<E extends ColdStartExample>(
  examples: readonly E[],
  random: Random,
): { kept: (E | ColdStartExample)[]; left: E[] } {
  const allowed = new Set<E>();
  for (const source of new Set(examples.map((example) => example.source))) {
    const own = shuffle(
      examples.filter((example) => example.source === source && example.overall !== undefined),
      random,
    );
    const counts = new Map<number, number>();
    for (const { overall } of own) counts.set(overall!, (counts.get(overall!) ?? 0) + 1);
    const [most, second = most] = [...counts.values()].sort((a, b) => b - a);
    const taken = new Map<number, number>();
    for (const example of own) {
      const count = taken.get(example.overall!) ?? 0;
      if (count >= second!) continue;
      taken.set(example.overall!, count + 1);
      allowed.add(example);
    }
  }
  const left: E[] = [];
  const kept = examples.flatMap((example): (E | ColdStartExample)[] => {
    if (example.overall === undefined || allowed.has(example)) return [example];
    if (example.train.includes(1)) return [withoutTurn2(example)];
    left.push(example);
    return [];
  });
  return { kept, left };
}

/** An example without its second turn. */
export function withoutTurn2({
  overall: _overall,
  response: _response,
  messages,
  ...rest
}: ColdStartExample): ColdStartExample {
  return { ...rest, messages: messages.slice(0, 2), train: [1] };
}
