import { type Block, heading, tableBlock, text } from "../blocks.ts";
import { count, duration, fixed, percent } from "../format.ts";
import type { Report } from "../report.ts";

/** Tokens and time. */
export function costSection({ cost }: Report): Block[] {
  const { usage, evaluations, fromStore, items, responses } = cost;
  const made = evaluations - fromStore.evaluations;
  const per = (value: number, of: number) => (of === 0 ? fixed(null) : fixed(value / of, 1));
  const rows = [
    ["Items, responses, evaluations", `${count(items)}, ${count(responses)}, ${count(evaluations)}`, ""],
    [
      "Taken from the store: criteria, evaluations",
      `${count(fromStore.criteria)}, ${count(fromStore.evaluations)}`,
      "",
    ],
    ["Prompt tokens", count(usage.promptTokens), per(usage.promptTokens, made)],
    ["of these not computed again (percent)", percent(cost.cachedShare), ""],
    ["Output tokens", count(usage.outputTokens), per(usage.outputTokens, made)],
    ["Time in items", duration(cost.itemMilliseconds), duration(made === 0 ? null : cost.itemMilliseconds / made)],
    ["Median time of an item", duration(cost.medianItemMilliseconds), ""],
  ];
  return [
    heading(2, "Cost"),
    text(
      "Criteria are counted with the item that asked for them first; answers taken from the store, among them those that were finished when a run was killed, cost nothing. Time runs from the start to the end of each item, waiting included, and items run side by side, so the sum is more than the time that passed.",
    ),
    tableBlock(["Measure", "#Whole run", "#Per evaluation made"], rows),
  ];
}
