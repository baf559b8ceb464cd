import { codePoints, type MeasuredItem, queryKey } from "../analysis/index.ts";
import type { ItemScores } from "../benchmark.ts";
import { labelledItem, type RunItem } from "../run/index.ts";
import type { ReportScore } from "./report.ts";

/** A judged item's scores of one kind; `undefined` where it has none of that kind. */
export function runScores(item: RunItem, kind: ReportScore): ItemScores | undefined {
  if (kind !== "verdicts") return item.pairwise === undefined ? item[kind] : undefined;
  const [comparison] = item.pairwise ?? [];
  if (comparison === undefined || item.pairwise!.length !== 1 || item.quality.length !== 2) return undefined;
  const { preferred, verdicts } = comparison;
  // Verdicts that cancel are a tie; without any there is nothing to go by.
  if (verdicts.every((verdict) => verdict === null)) return [null, null];
  return item.quality.map((_, index) => (preferred === null ? 0.5 : preferred === index ? 1 : 0));
}

/** What the analyses need of a judged item; its texts are let go. */
export function measuredItem(item: RunItem, scores: ItemScores): MeasuredItem {
  const { messages, responses } = item.input;
  return { item: labelledItem(item), scores, queryKey: queryKey({ messages }), lengths: responses.map(codePoints) };
}
