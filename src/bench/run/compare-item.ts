import { addUsage, noUsage } from "../../core/usage.ts";
import type { OrderVerdict, PairwiseJudge } from "./pairwise-judge.ts";
import { itemPart, type PairwiseRecord, type RunItem, type RunTask } from "./run-item.ts";

/** Compares the two responses of each of an item's pairs in both orders. */
export async function compareItem(judge: PairwiseJudge, task: RunTask, signal?: AbortSignal): Promise<RunItem> {
  const { query, responses, pairs } = task.item;
  const { now } = judge.settings;
  const startedAt = now();
  const compared = await Promise.all(
    pairs.map(async ([better, worse]) => {
      // Which of them is better must not decide which is shown first.
      const [a, b] = [Math.min(better, worse), Math.max(better, worse)];
      const orders = await Promise.all([
        judge.compare(query, responses[a]!, responses[b]!, signal),
        judge.compare(query, responses[b]!, responses[a]!, signal),
      ]);
      return { record: pairRecord(a, b, orders), orders };
    }),
  );
  const nothing = responses.map(() => null);
  const costs = compared.flatMap(({ orders }) => orders.map(({ cost }) => cost.usage));
  return {
    ...itemPart(task),
    hard: nothing,
    expected: nothing,
    unscored: nothing,
    pairwise: compared.map(({ record }) => record),
    usage: costs.reduce(addUsage, noUsage),
    milliseconds: Math.round(now() - startedAt),
  };
}

function pairRecord(a: number, b: number, orders: [OrderVerdict, OrderVerdict]): PairwiseRecord {
  const both = <T>(value: (order: OrderVerdict) => T): [T, T] => [value(orders[0]), value(orders[1])];
  // For `a` in the first order, for `b` in the second.
  const points = [orders[0], orders[1]].map(({ verdict }) => (verdict === "A" ? 1 : verdict === "B" ? -1 : 0));
  const sum = points[0]! - points[1]!;
  const record: PairwiseRecord = {
    a,
    b,
    verdicts: both(({ verdict }) => verdict),
    preferred: sum > 0 ? a : sum < 0 ? b : null,
    texts: both(({ text }) => text),
  };
  const fromStore = both(({ cost }) => cost.fromStore);
  if (fromStore.includes(true)) record.fromStore = fromStore;
  if (!record.verdicts.includes(null)) return record;
  return {
    ...record,
    reasons: both((order) => (order.verdict === null ? order.reason : null)),
    details: both((order) => (order.verdict === null ? order.detail : null)),
  };
}
