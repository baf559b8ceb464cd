import { InputError } from "../../../core/errors.ts";
import type { PreferencePair } from "../../../core/preference-pair.ts";
import type { Pack } from "../../../prompts/pack.ts";
import { stepsPerEpoch } from "../../sft/data-order.ts";
import type { PolicyServer } from "../policy-server.ts";
import { type RlSettings, rlSettingsSchema } from "../settings.ts";
import type { Reduction } from "../update/advantage-scales.ts";
import type { StepMetrics } from "../watch/step-metrics.ts";

export interface RlOptions {
  /** Run directory; made where it is missing, continued where it has the same settings. */
  out: string;
  pairs: readonly PreferencePair[];
  /** Pairs that accuracy is measured on and that are not trained on. */
  heldOut?: readonly PreferencePair[];
  pack: Pack;
  server: PolicyServer;
  settings?: Partial<RlSettings>;
  /** What else the weights depend on: base model, adapter to begin with. Compared when a run is continued. */
  identity: Record<string, unknown>;
  /** What else run.json says. */
  about?: Record<string, unknown>;
  /** How the server reduces losses. Default: measured at the start. */
  reduction?: Reduction;
  /** Most requests to the sampler at a time. Default 64. */
  concurrency?: number;
  /** Most padded tokens in one training call. Default 16,384. */
  tokenBudget?: number;
  /** Training calls that are sent before the first is answered. Default 1; more where the server takes them one by one. */
  callsInFlight?: number;
  /** Steps from one held-out evaluation to the next, which is also made before the first step. Default 10. */
  evaluateEvery?: number;
  /** Steps from one checkpoint to the next. Default 10. */
  checkpointEvery?: number;
  /** Checkpoints kept, the best apart. Default 2. */
  keepLast?: number;
  /** Instances of a step whose rollouts are kept for reading. Default 1. */
  samplesPerStep?: number;
  /** How often training begins again at the last checkpoint by itself when the server was lost. Default 0. */
  restarts?: number;
  /** The program's version. */
  version: string;
  /** Milliseconds since 1970. Default: the system's clock. */
  now?: () => number;
  /** Gets every line of metrics.jsonl; `history` are those of earlier processes. */
  onStep?: (line: StepMetrics, progress: RlProgress) => void;
  onHistory?: (lines: StepMetrics[], progress: RlProgress) => void;
  /** Gets single lines worth knowing. */
  say?: (line: string) => void;
  signal?: AbortSignal;
}

/** How far training is. */
export interface RlProgress {
  /** Steps done, of `totalSteps`. */
  step: number;
  totalSteps: number;
  /** Held-out accuracy as last measured, and the best. */
  heldOut?: number;
  best?: { step: number; accuracy: number };
}

/** Options with every default filled in. */
export type ResolvedRlOptions = RlOptions &
  Required<
    Pick<
      RlOptions,
      | "heldOut"
      | "concurrency"
      | "tokenBudget"
      | "callsInFlight"
      | "evaluateEvery"
      | "checkpointEvery"
      | "keepLast"
      | "samplesPerStep"
      | "restarts"
      | "now"
      | "say"
    >
  > & { settings: RlSettings; totalSteps: number };

/** Fills in defaults. Throws `InputError` for options that cannot be meant. */
export function resolveRlOptions(options: RlOptions): ResolvedRlOptions {
  const settings = parseSettings(options.settings ?? {});
  if (options.pairs.length === 0) throw new InputError("has no pairs to train on", { field: "data" });
  const heldOut = options.heldOut ?? [];
  const trained = new Set(options.pairs.map(({ id }) => id));
  const shared = heldOut.find(({ id }) => trained.has(id));
  if (shared !== undefined)
    throw new InputError(`holds ${shared.id}, which is trained on too; take it out of one of them`, {
      field: "held-out",
    });
  const resolved = {
    ...{ concurrency: 64, tokenBudget: 16384, callsInFlight: 1, evaluateEvery: 10, checkpointEvery: 10, keepLast: 2 },
    ...{ samplesPerStep: 1, restarts: 0, now: Date.now, say: () => {} },
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  };
  const totalSteps = settings.steps ?? stepsPerEpoch({ examples: options.pairs.length, batchSize: settings.instances });
  return { ...options, ...resolved, heldOut, settings, totalSteps };
}

function parseSettings(given: Partial<RlSettings>): RlSettings {
  const parsed = rlSettingsSchema.safeParse(given);
  if (parsed.success) {
    checkClip(parsed.data);
    return parsed.data;
  }
  const issue = parsed.error.issues[0]!;
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys(rlSettingsSchema.shape).join(", ");
    throw new InputError(`is no setting; expected one of ${known}`, { field: issue.keys[0] });
  }
  const field = issue.path.join(".");
  throw new InputError(`${issue.message} (got ${JSON.stringify(given[field as keyof RlSettings])})`, { field });
}

function checkClip({ loss, clipLow, clipHigh }: RlSettings): void {
  if (loss === "importance_sampling" && (clipLow ?? clipHigh) !== undefined)
    throw new InputError("the loss importance_sampling does not clip: leave it out, or use ppo or cispo", {
      field: clipLow === undefined ? "clipHigh" : "clipLow",
    });
  if ((clipLow ?? 0) > 1) throw new InputError(`got ${clipLow}, expected a ratio of at most 1`, { field: "clipLow" });
  if ((clipHigh ?? 1) < 1)
    throw new InputError(`got ${clipHigh}, expected a ratio of at least 1`, { field: "clipHigh" });
}
