import { InputError } from "../../core/errors.ts";
import type { AdamParams, Trainer } from "../../tinker/trainer.ts";
import type { SftExample } from "./example.ts";
import { type LearningRateSchedule, learningRateSchedules } from "./learning-rate.ts";

/** What decides the weights of every step, beside the data and the model. */
export interface SftSettings {
  /** Conversations of a step. Default 64 (CE-RM). */
  batchSize: number;
  /** Passes over the data. Default 3 (CE-RM). */
  epochs: number;
  /** Stop after this many steps, which are then the length of the schedule too. Default: all epochs. */
  maxSteps?: number;
  /** The highest learning rate. Default 1e-5 (CE-RM, all weights trained); LoRA is usually trained with about ten times more. */
  learningRate: number;
  /** Default `"cosine"`. */
  schedule: LearningRateSchedule;
  /** Share of the steps over which the rate grows from 0. Default 0.03. */
  warmup: number;
  /** What the rate falls to, as a share of the highest. Default 0.1. */
  finalShare: number;
  /** Adam without the rate. Default beta1 0.9, beta2 0.95, epsilon 1e-8, weight decay 0. */
  adam: Omit<AdamParams, "learningRate">;
  /** Most padded tokens of one request to the server; a longer conversation goes alone. Default 16,384. */
  tokenBudget: number;
  /** Of the order of the data. Default 0. */
  seed: number;
}

export const defaultSftSettings: SftSettings = {
  batchSize: 64,
  epochs: 3,
  learningRate: 1e-5,
  schedule: "cosine",
  warmup: 0.03,
  finalShare: 0.1,
  adam: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0 },
  tokenBudget: 16384,
  seed: 0,
};

/** Throws `InputError` for settings that cannot be meant. */
export function checkSftSettings(settings: SftSettings): void {
  const whole = { batchSize: 1, epochs: 1, maxSteps: 1, tokenBudget: 1, seed: 0 } as const;
  for (const [field, min] of Object.entries(whole) as [keyof typeof whole, number][]) {
    const value = settings[field];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= min))
      throw new InputError(`got ${value}, expected a whole number of at least ${min}`, { field });
  }
  const { learningRate, warmup, finalShare, schedule } = settings;
  if (!(learningRate > 0 && learningRate < 1))
    throw new InputError(`got ${learningRate}, expected more than 0 and less than 1`, { field: "learningRate" });
  for (const [field, share] of Object.entries({ warmup, finalShare }))
    if (!(share >= 0 && share <= 1)) throw new InputError(`got ${share}, expected a share from 0 to 1`, { field });
  if (!learningRateSchedules.includes(schedule))
    throw new InputError(`got ${schedule}, expected ${learningRateSchedules.join(", ")}`, { field: "schedule" });
}

export interface SftOptions extends Partial<SftSettings> {
  /** Run directory; made where it is missing, continued where it has the same settings. */
  out: string;
  train: readonly SftExample[];
  /** Conversations that the loss is measured on and that are not trained on. */
  heldOut?: readonly SftExample[];
  /** What else the weights depend on: base model, adapter, hashes of the data. Compared when a run is continued. */
  identity: Record<string, unknown>;
  /** What else run.json says. */
  about?: Record<string, unknown>;
  /** Makes a model in its first state. Called once there is something to train. */
  openTrainer: () => Promise<Trainer>;
  /** Steps from one measuring of the held-out loss to the next. Default: twenty times over the run. */
  evaluateEvery?: number;
  /** Steps from one checkpoint to the next. Default: as often as the held-out loss is measured. */
  checkpointEvery?: number;
  /** Checkpoints kept, the best apart. Default 2. */
  keepLast?: number;
  /** Deletes saved weights that are no longer wanted. Default: they are left. */
  deleteWeights?: (path: string) => Promise<void>;
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
