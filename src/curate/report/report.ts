/** A count before and after the stages. */
export interface BeforeAfter {
  before: number;
  after: number;
}

/** An input and what came of its rows. */
export interface InputReport {
  name: string;
  licence: string | null;
  url: string | null;
  caveat: string | null;
  files: { name: string; bytes: number; sha256: string }[];
  pairs: BeforeAfter;
  /** Rows that hold no pair, by reason. */
  none: { reason: string; rows: number }[];
  /** Rows and files that could not be read. */
  broken: number;
  /** The first of them, word for word. */
  faults: string[];
}

/** A stage and what it dropped. */
export interface StageReport {
  name: string;
  before: number;
  after: number;
  /** The most frequent first. */
  reasons: { reason: string; rows: number }[];
  settings: unknown;
  notes: string[];
}

/** Counts over ranges of a number: from `low` (included) to `high`. */
export interface Distribution {
  bins: ({ low: number; high: number } & BeforeAfter)[];
}

/** How often which side is the longer one, in a range of lengths of the longer response. */
export interface LengthBias {
  low: number;
  high: number;
  before: { chosen: number; rejected: number };
  after: { chosen: number; rejected: number };
}

/** A kind of rows (a domain, a source) and how many there are. */
export type Kind = { name: string } & BeforeAfter;

/** Everything that report.json says of a curation. The same run gives the same report. */
export interface CurateReport {
  kind: "curate-report";
  version: 1;
  name: string;
  description: string | null;
  /** Of the recipe and the files. */
  run: string;
  /** Of the output. */
  hash: string;
  seed: number;
  /** How lengths in tokens are counted. */
  tokens: string;
  inputs: InputReport[];
  stages: StageReport[];
  splits: { split: string; rows: number; clusters: number | null; sha256: string }[];
  /** Characters, in ranges that double. */
  lengths: { prompt: Distribution; chosen: Distribution; rejected: Distribution };
  lengthBias: LengthBias[];
  domains: Kind[];
  sources: Kind[];
  turns: Kind[];
  /** Of rows that have one; `null` where none has. */
  strength: Distribution | null;
}
