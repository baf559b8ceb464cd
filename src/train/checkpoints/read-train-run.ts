import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../../core/errors.ts";
import { readRunDescription } from "../../data/read-run-description.ts";
import type { RunSettings } from "../../data/run-sidecar.ts";
import { type Better, bestCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { readLedger } from "./checkpoint-ledger.ts";
import type { TrainMethod } from "./train-run.ts";

const runFile = z.looseObject({
  kind: z.literal("train"),
  method: z.enum(["sft", "rl"]),
  format: z.literal(1),
  startedAt: z.string(),
  version: z.string(),
  run: z.string(),
  settings: z.record(z.string(), z.unknown()),
});

/** A training run as its directory tells it. */
export interface ReadTrainRun {
  directory: string;
  method: TrainMethod;
  /** Short hash of the settings. */
  run: string;
  /** ISO 8601. */
  startedAt: string;
  version: string;
  settings: RunSettings;
  /** What else run.json says. */
  about: Record<string, unknown>;
  /** Ascending by step; may be empty. */
  checkpoints: Checkpoint[];
  better: Better;
}

/** Reads the directory of a training run, also while it is running. Throws `InputError` for any other directory. */
export async function readTrainRun(directory: string): Promise<ReadTrainRun> {
  const described = await readRunDescription(directory, runFile, "training run");
  const { kind: _kind, format: _format, method, run, startedAt, version, settings, ...about } = described;
  const ledger = await readLedger(join(directory, "checkpoints.json"), z.unknown());
  const { checkpoints, better } = ledger ?? { checkpoints: [], better: "lower" as const };
  return { directory, method, run, startedAt, version, settings, about, checkpoints, better };
}

/** Which checkpoint of a run is meant: its last, its best by the held-out measure, or that of a step. */
export type CheckpointChoice = "last" | "best" | number;

/** The checkpoint meant. Throws `InputError` where the run has none such, naming those it has. */
export function chooseCheckpoint(run: ReadTrainRun, choice: CheckpointChoice): Checkpoint {
  const { checkpoints, better, directory } = run;
  const found =
    choice === "last"
      ? checkpoints.at(-1)
      : choice === "best"
        ? bestCheckpoint(checkpoints, better)
        : checkpoints.find(({ step }) => step === choice);
  if (found !== undefined) return found;
  if (checkpoints.length === 0)
    throw new InputError("has no checkpoint yet; let the training go on until it has saved one", { file: directory });
  const steps = checkpoints.map(({ step }) => step).join(", ");
  const missing =
    choice === "best" ? "has no checkpoint with a held-out measure" : `has no checkpoint of step ${choice}`;
  throw new InputError(`${missing}; it has those of the steps ${steps}`, { file: directory });
}
