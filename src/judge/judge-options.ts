import { InputError } from "../core/errors.ts";
import type { Engine } from "../engines/engine.ts";
import type { Pack } from "../prompts/pack.ts";
import type { Store } from "../store/store.ts";
import type { JudgeMode } from "./judgment.ts";

export interface JudgeOptions {
  engine: Engine;
  pack: Pack;
  /** Where criteria and evaluations are kept between runs. Default: nowhere. */
  store?: Store;
  /** Default `"unified"`. */
  mode?: JudgeMode;
  /** `"hard"` (default): the number the judge wrote; `"expected"`: the mean over the probabilities of the allowed scores. */
  score?: "hard" | "expected";
  /** How many lists of criteria are sampled per query (or per response, in that mode). Default 1. */
  criteriaSamples?: number;
  /** How many evaluations of each response are sampled per list of criteria. Default 1. */
  evaluations?: number;
  /** Default 0, as in the paper: greedy. */
  temperature?: number;
  /** Default 1. Without effect at temperature 0. */
  topP?: number;
  /** Default 0. */
  seed?: number;
  /** Limits of new tokens in place of the pack's. */
  maxTokens?: { criteria?: number; evaluation?: number };
  /** Clock in milliseconds. */
  now?: () => number;
}

export type JudgeSettings = Required<Omit<JudgeOptions, "store" | "maxTokens">> & {
  store: Store | undefined;
  maxTokens: { criteria: number; evaluation: number };
};

const defaults = {
  mode: "unified",
  score: "hard",
  criteriaSamples: 1,
  evaluations: 1,
  temperature: 0,
  topP: 1,
  seed: 0,
  now: () => performance.now(),
} as const satisfies Partial<JudgeOptions>;

/** Fills in defaults and refuses settings that contradict each other, or that the engine cannot do (`InputError`). */
export function resolveJudgeOptions(options: JudgeOptions): JudgeSettings {
  checkJudgeOptions(options);
  const settings: JudgeSettings = {
    ...defaults,
    ...withoutUndefined(options),
    store: options.store,
    maxTokens: { ...options.pack.limits, ...withoutUndefined(options.maxTokens ?? {}) },
  };
  const { capabilities, identity } = settings.engine;
  if (settings.score === "expected" && capabilities.forms !== "native" && !capabilities.logprobs) {
    throw new InputError(
      `the engine ${identity.engine} (${identity.model}) gives no log-probabilities, which expected scores are made of: use --score hard`,
      { field: "score" },
    );
  }
  return settings;
}

/** Refuses settings that contradict each other on every engine (`InputError`): known before one is opened. */
export function checkJudgeOptions(options: Omit<JudgeOptions, "engine" | "pack" | "store">): void {
  const settings = { ...defaults, ...withoutUndefined(options) };
  expectInteger("criteria-samples", settings.criteriaSamples, 1);
  expectInteger("evaluations", settings.evaluations, 1);
  expectInteger("seed", settings.seed, 0);
  for (const turn of ["criteria", "evaluation"] as const) {
    const limit = options.maxTokens?.[turn];
    if (limit !== undefined) expectInteger(`maxTokens.${turn}`, limit, 1);
  }
  if (!(settings.temperature >= 0))
    throw new InputError(`got ${settings.temperature}, expected 0 or more`, { field: "temperature" });
  if (!(settings.topP > 0 && settings.topP <= 1))
    throw new InputError(`got ${settings.topP}, expected more than 0 and at most 1`, { field: "top-p" });
  const samples = settings.criteriaSamples * settings.evaluations;
  if (samples > 1 && settings.temperature === 0) {
    throw new InputError(
      `${samples} votes at temperature 0 would all be the same answer: set --temperature (0.7 is usual), or ask for one vote`,
      { field: settings.evaluations > 1 ? "evaluations" : "criteria-samples" },
    );
  }
  if (settings.mode === "implicit" && settings.criteriaSamples > 1)
    throw new InputError("mode implicit writes no criteria: use --evaluations for more votes", {
      field: "criteria-samples",
    });
}

function expectInteger(field: string, value: number, min: number): void {
  if (!Number.isSafeInteger(value) || value < min)
    throw new InputError(`got ${value}, expected a whole number of at least ${min}`, { field });
}

function withoutUndefined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never;
}
