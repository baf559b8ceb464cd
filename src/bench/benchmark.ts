import type { Query, Response } from "../core/query.ts";
import type { DataSet } from "./data-set.ts";

/** One item of a benchmark: a query, its responses in the benchmark's own order, and what is known about them. */
export interface BenchItem {
  /** `<file>#<0-based row>`; the file is its path below the data folder, or its own name when the data is a file. */
  key: string;
  /** Finest group the benchmark reports on (a subset, a category, a domain). Samples are stratified by it. */
  subset: string;
  /** Items of one cluster only mean something together; a sample takes all of them or none. */
  cluster?: string;
  query: Query;
  /** Ids are `"0"`, `"1"`, ... in the benchmark's order, which scores files use. */
  responses: Response[];
  /** How good each response is by the benchmark's label: higher is better, equal is equally good. For pairs 1 and 0. */
  quality: number[];
  /** Index pairs [better, worse] that count for accuracy. */
  pairs: [better: number, worse: number][];
  /** What the benchmark's own arithmetic needs beyond that (ids, domains, labels); read only by its own file. */
  label: Record<string, unknown>;
}

/** An item without its texts: all that the arithmetic needs. */
export type LabelledItem = Omit<BenchItem, "query" | "responses">;

/** Scores of an item's responses, in their order; `null` is unscored. */
export type ItemScores = (number | null)[];

export interface ScoredItem {
  item: LabelledItem;
  scores: ItemScores;
}

/** Accuracy over pairs. Pairs with an unscored side count as wrong in both accuracies. */
export interface PairAccuracy {
  /** Equal scores earn nothing. */
  strict: number | null;
  /** Equal scores earn one half. */
  half: number | null;
  /** Share of pairs with equal scores. */
  tieRate: number | null;
}

/** A row of a benchmark's own table, with the accuracies over its pairs, which are weighted as the row's own number is. */
export interface BenchSection extends PairAccuracy {
  name: string;
  /** `null` where nothing was run, or a part that it needs was not. */
  value: number | null;
  items: number;
  /** What equal scores earn in `value`. */
  tieRule: string;
}

/** A further table of a result, for people. Shares are between 0 and 1. */
export interface BenchTable {
  name: string;
  /** What equal scores earn in its numbers. */
  tieRule: string;
  columns: string[];
  rows: { name: string; values: (number | null)[] }[];
}

/** A benchmark's result. Shares are between 0 and 1. */
export interface BenchResult {
  benchmark: string;
  /** The number that papers quote, and the rule by which equal scores count in it. */
  headline: {
    name: string;
    value: number | null;
    /** That it is of. */
    items: number;
    tieRule: string;
  };
  /** The benchmark's own table, in its order: sections, levels, domains. */
  sections: BenchSection[];
  /** Every subset by the benchmark's rule (`value`, `tieRule`), with pair accuracies. */
  subsets: BenchSection[];
  /** Pair accuracy over all pairs. */
  pairs: { count: number } & PairAccuracy;
  /** Further tables that the benchmark is known for; their numbers are in `details` too. */
  tables: BenchTable[];
  items: number;
  responses: number;
  /** Responses without a score, the items they are in, and how the official rule treats them. */
  unscored: { responses: number; items: number; rule: string };
  /** Anything else the benchmark reports, by name (for instance RM-Bench's 3x3 matrix, PPE's curves). */
  details: Record<string, unknown>;
}

/** Where a benchmark's official files are. */
export interface BenchSource {
  /** Page that describes it. */
  url: string;
  license: string;
  /** The official files, where they can be downloaded. */
  sets?: DataSet[];
}

export interface LoadOptions {
  signal?: AbortSignal;
  /** Benchmarks with `attributes`: which one says what is better. Default: `attributes.default`. */
  attribute?: string;
  /** Benchmarks with `attributes`: smallest difference of the attribute that makes a pair, above 0. Default 1. */
  minGap?: number;
}

/** A benchmark: one file says where its data is, how a row becomes an item, and how scores become its numbers. */
export interface Benchmark {
  name: string;
  title: string;
  /** The order of an item's responses, for people: `[chosen, rejected]`. */
  order: string;
  source: BenchSource;
  /** Attributes rated per response, of which pairs are made; only where the data has no pairs of its own. */
  attributes?: { names: readonly string[]; default: string };
  /** A score may be a list of one number in scores files; the number is used. */
  scoreLists?: boolean;
  /**
   * Items of a data file or folder, in the order of file names (code unit order) and rows. Throws `InputError` with file,
   * row and field for data that is not the benchmark's.
   */
  load(path: string, options?: LoadOptions): AsyncGenerator<BenchItem>;
  /** The official arithmetic. */
  score(items: ScoredItem[]): BenchResult;
}
