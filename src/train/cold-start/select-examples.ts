import { seededRandom } from "../../core/random.ts";
import { shuffle } from "../../core/shuffle.ts";
import type { ColdStartExample } from "./cold-start-example.ts";

/** An example with its length in tokens of the model that will be trained. */
export interface MeasuredExample extends ColdStartExample {
  tokens: number;
}

export interface SelectOptions {
  /** Most tokens of the whole selection. Default: no bound. */
  tokenBudget?: number;
  seed: number;
}

/**
 * A balanced choice: sources take turns, and within a source the overall scores do (examples without one are one group),
 * each giving one example drawn at random, until every source is empty or the budget is full; an example that no longer
 * fits is passed over. Without a budget that is all of them. In the order of the input.
 */
export function selectExamples(examples: readonly MeasuredExample[], options: SelectOptions): MeasuredExample[] {
  const random = seededRandom(options.seed);
  const sources = [...grouped(shuffle(examples, random), ({ source }) => source).values()].map((own) =>
    turns([...grouped(own, ({ overall }) => String(overall)).values()]),
  );
  let left = options.tokenBudget ?? Number.POSITIVE_INFINITY;
  const chosen = new Set<MeasuredExample>();
  for (const example of turns(sources)) {
    if (example.tokens > left) continue;
    left -= example.tokens;
    chosen.add(example);
  }
  return examples.filter((example) => chosen.has(example));
}

/** One element of each list in turn, the first ones first. */
function turns<T>(lists: readonly T[][]): T[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) =>
    lists.flatMap((list) => (index < list.length ? [list[index]!] : [])),
  ).flat();
}

/** Groups in the order of their keys, so that the order of the input does not matter. */
function grouped<T>(elements: readonly T[], keyOf: (element: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const element of elements) {
    const key = keyOf(element);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [element]);
    else group.push(element);
  }
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}
