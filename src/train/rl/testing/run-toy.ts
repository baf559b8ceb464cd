import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { loadPack } from "../../../prompts/load-pack.ts";
import type { RlOptions } from "../loop/rl-options.ts";
import type { RlSettings } from "../settings.ts";
import { toyPairs } from "./toy-pairs.ts";
import type { ToyServer } from "./toy-server.ts";

const pack = await loadPack("compact");

const toySettings: Partial<RlSettings> = {
  ...{ instances: 8, steps: 14, learningRate: 0.3, miniBatches: 2, maxKl: 5, kl: 0 },
  ...{ maxCriteriaTokens: 4, maxEvaluationTokens: 4, seed: 7 },
};

/** Options of a run on the toy server, which learns within 14 steps. */
export function toyOptions(out: string, server: ToyServer, more: Partial<RlOptions> = {}): RlOptions {
  return {
    ...{ out, server, pack, version: "0", identity: { model: "toy" } },
    ...{ pairs: toyPairs(64, "train"), heldOut: toyPairs(20, "held-out", 2) },
    ...{ evaluateEvery: 14, checkpointEvery: 5, reduction: server.reduction },
    ...more,
    settings: { ...toySettings, ...more.settings },
  };
}

/** Lines of a step log, of which a test knows the type. */
export async function readLines<T>(directory: string, name: "metrics" | "samples"): Promise<T[]> {
  const text = await readFile(join(directory, `${name}.jsonl`), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}
