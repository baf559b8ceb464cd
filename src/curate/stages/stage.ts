import type { z } from "zod";
import type { OpenedJudge, OpenJudgeOptions } from "../../judge/open-judge.ts";
import type { RowStore } from "../rows/row-store.ts";
import type { TokenCounting } from "../text/count-tokens.ts";
import type { WorkPool } from "../work/open-pool.ts";

/** A row that a stage takes out, and why. */
export interface Drop {
  n: number;
  /** A few words, the same for all rows with this reason: rows are counted by it. */
  reason: string;
  /** What is particular to this row. */
  detail?: string;
  /** Another row that the reason speaks of. */
  other?: number;
}

/** What a stage works with. */
export interface StageContext {
  rows: RowStore;
  pool: WorkPool;
  /** Of this stage: the recipe's seed and the stage's place. */
  seed: number;
  /** How lengths in tokens are counted. */
  tokens: TokenCounting;
  /** Names of the recipe's inputs, and how much each is wanted. */
  inputs: readonly { name: string; weight: number }[];
  /** Opens the judge with the recipe's settings over these defaults. */
  openJudge(settings: OpenJudgeOptions): Promise<OpenedJudge>;
  drop(drop: Drop): void;
  /** Something for the report that no count says. */
  note(note: string): void;
  /** Rows that are through, of all that the stage will look at. */
  progress(done: number, total?: number): void;
  signal: AbortSignal | undefined;
}

/** One step of a recipe: looks at the rows that are kept so far and drops some. It never changes one. */
export interface Stage<Settings = unknown> {
  /** As recipes name it. */
  name: string;
  /** What it does, in a line. */
  summary: string;
  settings: z.ZodType<Settings>;
  /** Files that its settings name, which its outcome depends on. */
  files?(settings: Settings): Promise<string[]>;
  run(context: StageContext, settings: Settings): Promise<void>;
}

/** A stage with its settings' type forgotten, for lists. */
export function asStage<Settings>(stage: Stage<Settings>): Stage {
  return stage as unknown as Stage;
}
