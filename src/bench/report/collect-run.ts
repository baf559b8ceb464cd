import { addUsage, noUsage, type Usage } from "../../core/usage.ts";
import type { MeasuredItem, ResponseVotes } from "../analysis/index.ts";
import { type OpenedRun, type RunItem, twoOrdersOf } from "../run/index.ts";
import type { TwoOrders } from "../two-orders.ts";
import { type ReportScore, reportScores } from "./report.ts";
import { measuredItem, runScores } from "./run-scores.ts";

/** What a report needs of one benchmark's items, without their texts. */
export interface CollectedBenchmark {
  /** Of the items. */
  keys: Set<string>;
  scores: Record<ReportScore, { items: MeasuredItem[]; reasons: Map<string, number> }>;
  votes: ResponseVotes[];
  /** Mode pairwise: comparisons item by item. */
  comparisons: { item: MeasuredItem; orders: TwoOrders[] }[];
}

/** What a whole run cost. */
export interface CollectedCost {
  items: number;
  responses: number;
  evaluations: number;
  /** Answers that an earlier run, or this one before it was killed, had paid for. */
  fromStore: { criteria: number; evaluations: number };
  usage: Usage;
  milliseconds: number[];
}

export interface CollectedRun {
  benchmarks: Map<string, CollectedBenchmark>;
  cost: CollectedCost;
}

/** Reads a run once, item by item. Throws `InputError` for a damaged line. */
export async function collectRun({ run, items }: OpenedRun, signal?: AbortSignal): Promise<CollectedRun> {
  const benchmarks = new Map(run.benchmarks.map(({ name }) => [name, emptyBenchmark()]));
  const cost: CollectedCost = {
    ...{ items: 0, responses: 0, evaluations: 0, fromStore: { criteria: 0, evaluations: 0 } },
    ...{ usage: noUsage, milliseconds: [] },
  };
  for await (const item of items) {
    signal?.throwIfAborted();
    const benchmark = benchmarks.get(item.benchmark);
    if (benchmark === undefined) continue;
    benchmark.keys.add(item.item);
    addScores(benchmark, item);
    addVotes(benchmark, item);
    if (item.pairwise !== undefined)
      benchmark.comparisons.push({ item: measuredItem(item, item.hard), orders: twoOrdersOf(item) });
    addCost(cost, item);
  }
  // An engine without probabilities has no expected scores, rather than unscored ones.
  for (const { scores } of benchmarks.values())
    if (scores.expected.items.every((item) => item.scores.every((score) => score === null))) scores.expected.items = [];
  return { benchmarks, cost };
}

function emptyBenchmark(): CollectedBenchmark {
  const none = () => ({ items: [], reasons: new Map<string, number>() });
  return { keys: new Set(), scores: { hard: none(), expected: none(), verdicts: none() }, votes: [], comparisons: [] };
}

function addScores({ scores: collected }: CollectedBenchmark, item: RunItem): void {
  for (const kind of reportScores) {
    const scores = runScores(item, kind);
    if (scores === undefined) continue;
    collected[kind].items.push(measuredItem(item, scores));
    scores.forEach((score, index) => {
      if (score !== null) return;
      const reason = item.unscored[index] ?? (kind === "verdicts" ? "no verdict" : "no probabilities for the score");
      const { reasons } = collected[kind];
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    });
  }
}

function addVotes({ votes }: CollectedBenchmark, { item, judgment }: RunItem): void {
  for (const { id, evaluations } of judgment?.responses ?? [])
    if (evaluations.length > 1) votes.push({ item, response: id, votes: evaluations.map(({ score }) => score) });
}

function addCost(cost: CollectedCost, { input, judgment, pairwise, usage, milliseconds }: RunItem): void {
  cost.items++;
  cost.responses += input.responses.length;
  const evaluations = (judgment?.responses ?? []).flatMap((response) => response.evaluations);
  cost.evaluations += evaluations.length + 2 * (pairwise ?? []).length;
  const kept = (answers: { fromStore?: boolean }[]) => answers.filter(({ fromStore }) => fromStore === true).length;
  cost.fromStore.criteria += kept(judgment?.criteria ?? []);
  cost.fromStore.evaluations += kept(evaluations);
  cost.fromStore.evaluations += (pairwise ?? []).flatMap(({ fromStore = [] }) => fromStore).filter(Boolean).length;
  cost.usage = addUsage(cost.usage, usage);
  cost.milliseconds.push(milliseconds);
}
