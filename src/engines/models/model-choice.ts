import { isToy, suggestPack } from "./default-models.ts";
import type { PulledModel } from "./pulled-model.ts";

/** Why a model was taken. */
export type ChoiceReason =
  /** The caller named it. */
  | "asked"
  /** The user's configuration names it. */
  | "configured"
  /** It was pulled before. */
  | "pulled"
  /** What this machine can carry, from the hub. */
  | "hub"
  /** Asked for, or nothing better could be had. */
  | "toy";

/** A model that is on this machine and will be used. */
export interface ModelChoice {
  /** Of a file that was never pulled: its own name. */
  name: string;
  /** Absolute path of the GGUF file, or of its first shard. */
  path: string;
  bytes: number;
  source: string;
  parameterCount: number;
  /** Longest context it was trained for, in tokens. */
  contextLength?: number;
  reason: ChoiceReason;
  /** Too small for its scores to mean anything. */
  toy: boolean;
  /** The prompt pack that suits its size. */
  suggestedPack: "default" | "compact";
}

/** The choice of a model. */
export function choose(
  model: Pick<PulledModel, "name" | "path" | "bytes" | "source" | "parameterCount" | "contextLength">,
  reason: ChoiceReason,
): ModelChoice {
  const { name, path, bytes, source, parameterCount, contextLength } = model;
  return {
    ...{ name, path, bytes, source, parameterCount, contextLength, reason },
    toy: isToy(model),
    suggestedPack: suggestPack(model),
  };
}
