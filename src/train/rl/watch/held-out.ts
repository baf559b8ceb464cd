import { balancedAccuracy, countPairsByLength, type MeasuredItem, measureItem } from "../../../bench/analysis/index.ts";
import { pairItem, pairs as pairsBenchmark } from "../../../bench/benchmarks/pairs.ts";
import { countPairs, pairAccuracy, totalPairs } from "../../../bench/pair-accuracy.ts";
import { judgeItem } from "../../../bench/run/judge-item.ts";
import type { PreferencePair } from "../../../core/preference-pair.ts";
import { wilsonInterval } from "../../../core/statistics/wilson.ts";
import type { Engine } from "../../../engines/engine.ts";
import { Judge } from "../../../judge/judge.ts";
import type { JudgeMode } from "../../../judge/judgment.ts";
import type { Pack } from "../../../prompts/pack.ts";

/**
 * Scores pairs that are not trained on as `cerm bench run pairs` does: as items of that benchmark, greedily, by one list
 * of criteria and one evaluation of each response.
 */
export async function judgeHeldOut(
  engine: Engine,
  pairs: readonly PreferencePair[],
  options: {
    pack: Pack;
    mode: JudgeMode;
    maxTokens?: { criteria?: number; evaluation?: number };
    signal?: AbortSignal;
  },
): Promise<MeasuredItem[]> {
  const { pack, mode, maxTokens, signal } = options;
  const judge = new Judge({ engine, pack, mode, maxTokens });
  const tasks = pairs.map(({ id, messages, chosen, rejected, source }) => {
    const parts = { subset: source, query: messages, chosen, rejected, contextsDiffer: false };
    const item = pairItem({ key: id }, parts);
    return { id, benchmark: pairsBenchmark.name, item };
  });
  const judged = judge.runAll(
    tasks,
    async (task, own) => measureItem(task.item, (await judgeItem(judge, task, own)).hard),
    { signal },
  );
  const items: MeasuredItem[] = [];
  for await (const item of judged) items.push(item);
  return items;
}

/** The metrics of held-out pairs, by the counting of src/bench. A number that the pairs do not give is left out. */
export function heldOutNumbers(items: readonly MeasuredItem[]): Record<string, number | undefined> {
  const counts = countPairs(items);
  const pairs = totalPairs(counts);
  const interval = wilsonInterval(counts.wins, pairs);
  const { strict, half, tieRate } = pairAccuracy(counts);
  if (interval === null) return {};
  return {
    /** Ties and unscored pairs are wrong; with its 95 % interval (Wilson). */
    "heldOut/accuracy": strict!,
    "heldOut/low": interval.low,
    "heldOut/high": interval.high,
    /** Ties are half right. */
    "heldOut/half": half!,
    /** Mean of the strict accuracies on pairs whose better response is the longer and the shorter one. */
    "heldOut/lengthBalanced": balancedAccuracy(countPairsByLength(items)).strict ?? undefined,
    "heldOut/tieRate": tieRate!,
    "heldOut/unscored": counts.unscored / pairs,
  };
}
