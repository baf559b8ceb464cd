import type { Interval } from "../../core/statistics/index.ts";
import type { Usage } from "../../core/usage.ts";
import type { BestOfNPoint } from "../analysis/best-of-n.ts";
import type { Calibration } from "../analysis/calibration.ts";
import type { BothRules, LengthBalance } from "../analysis/length-balance.ts";
import type { LengthExplained } from "../analysis/length-explained.ts";
import type { RewardShift } from "../analysis/reward-shift.ts";
import type { VoteAgreement } from "../analysis/vote-agreement.ts";
import type { BenchResult } from "../benchmark.ts";
import type { ScoreKind } from "../run/index.ts";
import type { Estimate } from "./format.ts";
import type { PublishedNumber } from "./published-numbers.ts";

/**
 * Where scores come from: the numbers the judge wrote, the means over its probabilities, or in mode pairwise the verdicts
 * of both orders on items of two responses.
 */
export const reportScores = ["hard", "expected", "verdicts"] as const satisfies (ScoreKind | "verdicts")[];
export type ReportScore = (typeof reportScores)[number];

/** A kind of score in words. */
export function kindName(kind: ReportScore): string {
  return kind === "verdicts" ? "verdicts" : `${kind} scores`;
}

/** What a run came to; this is report.json. Shares are between 0 and 1, scores on the judge's scale. */
export interface Report {
  kind: "bench-report";
  /** Of this format. */
  version: 1;
  run: RunSummary;
  /** What a reader must know before the numbers: a sample, a toy model, an unfinished run, changed responses. */
  notes: string[];
  /** Of the intervals. */
  resampling: { level: number; resamples: number; seed: number };
  benchmarks: BenchmarkReport[];
  cost: CostReport;
}

/** What was run, in the words of run.json. */
export interface RunSummary {
  startedAt: string;
  version: string;
  engine: string;
  model: string;
  /** `null` for scores that no prompt pack made. */
  pack: string | null;
  mode: string;
  score: ReportScore;
  criteriaSamples: number;
  evaluations: number;
  temperature: number;
  seed: number;
  limit: number | null;
  /** The change made to the responses, in a control run. */
  control: string | null;
  data: { benchmark: string; file: string; bytes: number; sha256: string }[];
}

export interface BenchmarkReport {
  name: string;
  title: string;
  /** Items with a result, items that were asked for, and items of the whole data. */
  items: { done: number; asked: number; total: number };
  /** By the numbers the judge wrote, by the expected ones where the engine gave probabilities, or by verdicts. */
  scores: Partial<Record<ReportScore, ScoreReport>>;
  pairwise: PairwiseReport | null;
  /** What the following is of: the run's own kind of score. */
  primary: ReportScore;
  /** `null` for verdicts. */
  calibration: Calibration | null;
  /** `null` with fewer than two votes per response. */
  votes: Omit<VoteAgreement, "responses"> | null;
  /** `null` where no item has more than two responses. */
  bestOfN: BestOfNPoint[] | null;
  styles: { name: string; matrix: number[][]; items: number }[];
  controls: ControlRow[];
  length: LengthExplained | null;
  shifts: ShiftReport[];
  published: PublishedNumber[];
}

/** The official numbers with intervals. */
export interface ScoreReport {
  headline: Estimate & { name: string; tieRule: string; items: number };
  pairs: { count: number; strict: Estimate; half: Estimate; tieRate: Estimate };
  /** Pair accuracy by the lengths of the responses, and with length worth nothing: `balanced`, the mean of both halves. */
  length: LengthBalanceReport;
  sections: RowReport[];
  subsets: RowReport[];
  unscored: {
    responses: number;
    of: number;
    items: number;
    rule: string;
    reasons: { reason: string; count: number }[];
  };
  /** Queries that were resampled. */
  clusters: number;
  /** Further tables of the benchmark, and what else it reports. */
  tables: BenchResult["tables"];
  details: BenchResult["details"];
}

/** `LengthBalance` of the analyses: what each number is of is said there. */
export interface LengthBalanceReport extends Pick<LengthBalance, "equalLength"> {
  betterLonger: BothRules<Estimate> & { pairs: number };
  betterShorter: BothRules<Estimate> & { pairs: number };
  balanced: BothRules<Estimate>;
}

/** A section or subset: its number by the benchmark's rule, and its pair accuracies. */
export interface RowReport {
  name: string;
  items: number;
  /** What equal scores earn in `value`. */
  tieRule: string;
  value: Estimate;
  strict: Estimate;
  half: Estimate;
  tieRate: Estimate;
}

/** A judge that compares two responses, asked in both orders. */
export interface PairwiseReport {
  comparisons: number;
  /** The two verdicts sum up in favour of the better response. */
  accuracy: Estimate;
  /** The same where verdicts that cancel, as equal scores do, earn one half. */
  half: Estimate;
  /** Share of the comparisons whose two verdicts cancel or are ties. */
  cancelled: number | null;
  /** Right in the first order alone. */
  oneOrder: number | null;
  /** Both verdicts name the same response, or both are ties. */
  consistency: number | null;
  /** Of the verdicts that name a response, the share that names the one shown first: 1/2 without bias. */
  firstShare: number | null;
  /** Of the comparisons, those where the response shown first, or second, wins in both orders. */
  alwaysFirst: number | null;
  alwaysSecond: number | null;
  ties: number;
  unreadable: number;
  subsets: { name: string; comparisons: number; accuracy: Estimate }[];
}

/** What the benchmark gives to a judge that knows nothing. */
export interface ControlRow {
  name: string;
  /** The benchmark's headline; for shuffled labels the means and the ranges of 95 % of the shuffles, here and below. */
  headline: Estimate;
  /** Over all pairs. */
  strict: Estimate;
  half: Estimate;
}

/** How a cosmetic change of the responses moved the rewards; shifts in the unit of the scores. */
export interface ShiftReport {
  /** The change, as the control run names it. */
  control: string;
  shift: RewardShift;
  /** Of the run and the control run, each on the items that both have. */
  headline: { before: number | null; after: number | null };
}

/** What the run cost. */
export interface CostReport {
  items: number;
  responses: number;
  evaluations: number;
  usage: Usage;
  /** Of the prompt's tokens, those that were not computed again. */
  cachedShare: number | null;
  /** Answers taken from the store: what they cost is not in the run. */
  fromStore: { criteria: number; evaluations: number };
  /** Of the evaluations made in the run, criteria included. */
  outputTokensPerEvaluation: number | null;
  /** Sum over items from start to end; items that ran side by side count each. */
  itemMilliseconds: number;
  medianItemMilliseconds: number | null;
}

/** An interval of the statistics as the report writes it. */
export function estimate(value: number | null, interval: Interval | null): Estimate {
  return { value, low: interval?.low ?? null, high: interval?.high ?? null };
}
