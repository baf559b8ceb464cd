import type { Trainer } from "../../tinker/trainer.ts";
import type { SftExample } from "./example.ts";
import type { SftSettings } from "./sft-settings.ts";

export interface SftOptions {
  /** Run directory; made where it is missing, continued where it has the same settings. */
  out: string;
  train: readonly SftExample[];
  /** Conversations that the loss is measured on and that are not trained on. */
  heldOut?: readonly SftExample[];
  settings?: Partial<SftSettings>;
  /** What else the weights depend on: base model, rank, tokenizer. Compared when a run is continued. */
  identity: Record<string, unknown>;
  /** What else run.json says. */
  about?: Record<string, unknown>;
  /** Makes a model in its first state. Called once there is something to train, and anew when the server was lost. */
  openTrainer: () => Promise<Trainer>;
  /** Saved weights to begin with, as `Trainer.loadWeights` takes them. Default: the model's first state. */
  begin?: string;
  /** Most padded tokens of one request to the server; a longer conversation goes alone. Default 16,384. */
  tokenBudget?: number;
  /** Steps from one measuring of the held-out loss to the next. Default: ten times over the run. */
  evaluateEvery?: number;
  /** Steps from one checkpoint to the next. Default: as often as the held-out loss is measured. */
  checkpointEvery?: number;
  /** Checkpoints kept, the best apart. Default 2. */
  keepLast?: number;
  /** Deletes saved weights that are no longer wanted. Default: they are left. */
  deleteWeights?: (path: string) => Promise<void>;
  /** How often training begins again at the last checkpoint by itself when the server was lost. Default 0. */
  restarts?: number;
  /** Gets single lines worth knowing. */
  say?: (line: string) => void;
  /** The program's version. */
  version: string;
  /** Milliseconds since 1970. Default: the system's clock. */
  now?: () => number;
  onStep?: (progress: SftProgress) => void;
  signal?: AbortSignal;
}

/** How far training is. */
export interface SftProgress {
  /** Steps done, of `totalSteps`. */
  step: number;
  totalSteps: number;
  /** Steps that were done when it was opened. */
  resumedAt: number;
  /** Of the last step's batch, before its update; undefined before the first. */
  loss?: number;
  /** The last that was measured. */
  heldOutLoss?: number;
  /** Tokens read in the last step, without padding, over its seconds. */
  tokensPerSecond?: number;
}
