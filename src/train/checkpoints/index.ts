export { type Better, bestCheckpoint, type Checkpoint } from "./checkpoint.ts";
export { CheckpointLedger, type CheckpointLedgerOptions, type LedgerContent, readLedger } from "./checkpoint-ledger.ts";
export { type CheckpointChoice, chooseCheckpoint, type ReadTrainRun, readTrainRun } from "./read-train-run.ts";
export { savedWeightsPath } from "./saved-weights-path.ts";
export { openStepLog, type StepLine, type StepLog } from "./step-log.ts";
export { openTrainRun, type TrainMethod, type TrainRun, type TrainRunOptions } from "./train-run.ts";
