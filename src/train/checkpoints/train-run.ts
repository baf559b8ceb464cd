import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../core/errors.ts";
import { acquireFileLock } from "../../data/file-lock.ts";
import {
  describeSettingDifferences,
  type RunSettings,
  readSidecar,
  runOfSettings,
  writeSidecar,
} from "../../data/run-sidecar.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { CheckpointLedger, type CheckpointLedgerOptions } from "./checkpoint-ledger.ts";
import { openStepLog, type StepLog } from "./step-log.ts";

/** What trains: each has settings and a state of its own. */
export type TrainMethod = "sft" | "rl";

export interface TrainRunOptions<State> extends CheckpointLedgerOptions<State> {
  /** The run directory; made where it is missing, continued where it has the same settings. */
  directory: string;
  method: TrainMethod;
  /** Everything that the weights of a step depend on. A directory of other settings is refused. */
  settings: RunSettings;
  /** How far training goes. */
  extent: TrainExtent;
  /** What else run.json says (model names, paths, versions); not compared. */
  about?: Record<string, unknown>;
  /** The program's version. */
  version: string;
  /** Milliseconds since 1970. Default: the system's clock. */
  now?: () => number;
}

/** How far training goes, of which the steps already taken must not depend. */
export interface TrainExtent {
  /** Steps in all. */
  totalSteps: number;
  /** The settings that say it. A run goes on where they are others: a finished one is lengthened. */
  settings: readonly string[];
  /** Why steps already taken would have been others with another total, in which case a run of another is refused. */
  fixedBecause?: string;
}

/**
 * The directory of a training run, held by one process at a time:
 *
 * * `run.json`: `{"kind": "train", "method", "format": 1, "startedAt", "version", ...about, "run", "settings"}`;
 * * `checkpoints.json`: the ledger;
 * * `metrics.jsonl`, and any other step log a method asks for.
 *
 * A loop appends a step's lines, saves its weights and then calls `ledger.record`. Killed anywhere between, it goes on
 * from `resumeFrom` and the logs hold nothing that comes after it.
 */
export interface TrainRun<State> {
  readonly directory: string;
  /** Short hash of the settings. */
  readonly run: string;
  readonly ledger: CheckpointLedger<State>;
  /** The last checkpoint when the directory was opened; undefined: from the beginning. */
  readonly resumeFrom: Checkpoint<State> | undefined;
  readonly metrics: StepLog;
  /** Opens a further step log, `<name>.jsonl`; closed with the run. */
  openLog(name: string): Promise<StepLog>;
  close(): Promise<void>;
}

/**
 * Opens a run directory for training. Throws `InputError` for a directory of another command or of other settings
 * (naming what differs), for fewer steps than it has taken, and while another process trains in it.
 */
export async function openTrainRun<State>(options: TrainRunOptions<State>): Promise<TrainRun<State>> {
  const { directory, state, keepLast, better, discard } = options;
  await mkdir(directory, { recursive: true });
  const lock = await acquireFileLock(join(directory, "run.lock"), directory);
  const logs: StepLog[] = [];
  const close = async () => {
    try {
      for (const log of logs.splice(0)) await log.close();
    } finally {
      await lock.release();
    }
  };
  try {
    const { run, extend } = await describeRun(options);
    const ledger = await CheckpointLedger.open(join(directory, "checkpoints.json"), {
      ...{ state, keepLast, better, discard },
    });
    const resumeFrom = ledger.last;
    if (extend !== undefined) {
      checkExtent(options, resumeFrom?.step ?? 0);
      await extend();
    }
    const openLog = async (name: string) => {
      const log = await openStepLog(join(directory, `${name}.jsonl`), resumeFrom?.step);
      logs.push(log);
      return log;
    };
    return { directory, run, ledger, resumeFrom, metrics: await openLog("metrics"), openLog, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Fewer steps than were taken cannot be had. */
function checkExtent<State>({ directory, extent }: TrainRunOptions<State>, taken: number): void {
  if (taken <= extent.totalSteps) return;
  throw new InputError(
    `the run in ${directory} has taken ${taken} steps, and ${extent.totalSteps} in all are asked for; ask for more, or choose another directory`,
    { field: "steps" },
  );
}

/**
 * Writes run.json, or makes sure that the one there is of these settings. Where only the extent is another, `extend` writes
 * it down.
 */
async function describeRun<State>(
  options: TrainRunOptions<State>,
): Promise<{ run: string; extend?: () => Promise<void> }> {
  const { directory, method, settings, extent, about, version, now = Date.now } = options;
  const file = join(directory, "run.json");
  const run = runOfSettings(settings);
  const written = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new InputError(`cannot be read: ${error.message}`, { file });
  });
  if (written === undefined) {
    const startedAt = new Date(now()).toISOString();
    const head = { kind: "train", method, format: 1, startedAt, version };
    await writeSidecar(file, { run, settings }, { ...head, ...about });
    return { run };
  }
  const sidecar = await readSidecar(file);
  const description = sidecar === undefined ? {} : (JSON.parse(written) as Record<string, unknown>);
  const { kind, method: before } = description;
  if (sidecar === undefined || kind !== "train" || before !== method) {
    throw new InputError(`is not the description of a run of "cerm train ${method}"; choose another directory`, {
      file,
    });
  }
  if (sidecar.run === run) return { run };
  const onlyExtent = runOfSettings(without(sidecar.settings, extent)) === runOfSettings(without(settings, extent));
  if (onlyExtent && extent.fixedBecause === undefined)
    return { run, extend: () => writeSidecar(file, { run, settings }, description) };
  const differences = describeSettingDifferences(sidecar.settings, settings);
  const why = onlyExtent ? `: ${extent.fixedBecause}` : "";
  throw new InputError(
    `the run here was begun with other settings (${differences})${why}; repeat its command, or choose another directory`,
    { file },
  );
}

function without(settings: RunSettings, { settings: names }: TrainExtent): RunSettings {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));
}
