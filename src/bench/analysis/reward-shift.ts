import { InputError } from "../../core/errors.ts";
import { type BootstrapOptions, bootstrap, type Interval } from "../../core/statistics/index.ts";
import type { ItemScores } from "../benchmark.ts";
import type { AskedItem } from "./measured-item.ts";
import { inDataOrder, queryClusters } from "./query-clusters.ts";

/** What a change of the responses did to their scores, on the items and responses scored both times. */
export interface RewardShift {
  items: number;
  responses: number;
  /** Responses with a score in one of the two only. */
  onlyOriginal: number;
  onlyChanged: number;
  /** Mean of changed less original score, in the unit of the scores. */
  mean: number | null;
  /** Its 95 % bootstrap interval over queries; `null` with fewer than two. */
  interval: Interval | null;
  /** Shares of responses whose score rose, fell, stayed. */
  rose: number | null;
  fell: number | null;
  stayed: number | null;
  /** Pairs of an item's responses whose original scores differ: the base of the shares below. */
  orderedPairs: number;
  /** Both changed: the order is the other one, or there is none any more. */
  flips: number | null;
  ties: number | null;
  /** Only the lower one changed: it is then above the original score of the higher one. */
  overtakes: number | null;
}

/**
 * Compares the scores of responses with those of the same responses after a cosmetic change, paired by item key. Items
 * of one side only are left out. Throws `InputError` where an item has another number of scores.
 */
export function rewardShift(
  original: readonly AskedItem[],
  changed: readonly AskedItem[],
  options: Omit<BootstrapOptions, "clusters">,
): RewardShift {
  const changedScores = new Map(changed.map(({ item, scores }) => [item.key, scores]));
  const items = inDataOrder(original.filter(({ item }) => changedScores.has(item.key)));
  const shifts = items.map(({ item, scores }) => itemShift(item.key, scores, changedScores.get(item.key)!));
  const total = (count: (shift: ItemShift) => number) => shifts.reduce((sum, shift) => sum + count(shift), 0);
  const responses = total(({ differences }) => differences.length);
  const orderedPairs = total((shift) => shift.orderedPairs);
  const share = (count: number, of: number) => (of === 0 ? null : count / of);
  const meanShift = (drawn: Iterable<number>): number | null => {
    let [sum, count] = [0, 0];
    for (const index of drawn) {
      for (const difference of shifts[index]!.differences) sum += difference;
      count += shifts[index]!.differences.length;
    }
    return share(sum, count);
  };
  const [interval] = bootstrap(items.length, (drawn) => [meanShift(drawn)], {
    ...options,
    clusters: queryClusters(items),
  });
  const shareOf = (matches: (difference: number) => boolean) =>
    share(
      total(({ differences }) => differences.filter(matches).length),
      responses,
    );
  return {
    items: items.length,
    responses,
    onlyOriginal: total((shift) => shift.onlyOriginal),
    onlyChanged: total((shift) => shift.onlyChanged),
    mean: meanShift(items.keys()),
    interval: interval!,
    rose: shareOf((difference) => difference > 0),
    fell: shareOf((difference) => difference < 0),
    stayed: shareOf((difference) => difference === 0),
    orderedPairs,
    flips: share(
      total((shift) => shift.flips),
      orderedPairs,
    ),
    ties: share(
      total((shift) => shift.ties),
      orderedPairs,
    ),
    overtakes: share(
      total((shift) => shift.overtakes),
      orderedPairs,
    ),
  };
}

interface ItemShift {
  differences: number[];
  onlyOriginal: number;
  onlyChanged: number;
  orderedPairs: number;
  flips: number;
  ties: number;
  overtakes: number;
}

function itemShift(key: string, original: ItemScores, changed: ItemScores): ItemShift {
  if (original.length !== changed.length) {
    throw new InputError(
      `the item "${key}" has ${original.length} scores in the original and ${changed.length} in the changed run; both must judge the same responses`,
    );
  }
  const shift: ItemShift = {
    differences: [],
    onlyOriginal: 0,
    onlyChanged: 0,
    orderedPairs: 0,
    flips: 0,
    ties: 0,
    overtakes: 0,
  };
  const both: { before: number; after: number }[] = [];
  original.forEach((before, index) => {
    const after = changed[index]!;
    if (before !== null && after !== null) both.push({ before, after });
    else if (before !== null) shift.onlyOriginal++;
    else if (after !== null) shift.onlyChanged++;
  });
  shift.differences = both.map(({ before, after }) => after - before);
  for (const high of both) {
    for (const low of both) {
      if (high.before <= low.before) continue;
      shift.orderedPairs++;
      if (high.after < low.after) shift.flips++;
      if (high.after === low.after) shift.ties++;
      if (low.after > high.before) shift.overtakes++;
    }
  }
  return shift;
}
