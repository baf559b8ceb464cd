import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { stableHash } from "../../../core/hash.ts";
import { openTrainRun, type TrainRun } from "../../checkpoints/train-run.ts";
import { whyTotalMatters } from "../../sft/learning-rate.ts";
import type { Reduction } from "../update/advantage-scales.ts";
import type { StepMetrics } from "../watch/step-metrics.ts";
import type { ResolvedRlOptions } from "./rl-options.ts";

const stateSchema = z.object({
  /** How the server reduces losses. */
  reduction: z.object({
    tokens: z.enum(["sum", "mean-of-targets", "mean-of-trained"]),
    sequences: z.enum(["sum", "mean"]),
  }),
}) satisfies z.ZodType<{ reduction: Reduction }>;

/** What a checkpoint keeps beside the weights. Order of the data and seeds follow from the step. */
export type RlState = z.infer<typeof stateSchema>;

/** Opens the run directory. `inUse` says which saved weights may not be deleted yet. */
export function openRlRun(options: ResolvedRlOptions, inUse: (path: string) => boolean): Promise<TrainRun<RlState>> {
  const { out, pairs, heldOut, pack, settings, totalSteps, identity, about, server, keepLast, version, now } = options;
  return openTrainRun({
    ...{ directory: out, method: "rl", version, now, keepLast, better: "higher", state: stateSchema },
    settings: {
      ...identity,
      ...settings,
      pack: pack.identity,
      data: stableHash(pairs).slice(0, 16),
      heldOut: stableHash(heldOut).slice(0, 16),
    },
    extent: { totalSteps, settings: ["steps"], fixedBecause: whyTotalMatters(settings.schedule) },
    about: { ...about, pairs: pairs.length, heldOutPairs: heldOut.length },
    discard: async ({ path, samplerPath }) => {
      const unwanted = [path, samplerPath].filter((one) => one !== undefined);
      // The ledger asks again later.
      if (unwanted.some((one) => inUse(one!))) throw new Error("still in use");
      for (const one of unwanted) await server.deleteWeights?.(one!);
    },
  });
}

/** Lines of metrics.jsonl that earlier processes wrote and that still hold. */
export async function readMetrics(directory: string): Promise<StepMetrics[]> {
  const text = await readFile(join(directory, "metrics.jsonl"), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as StepMetrics);
}
