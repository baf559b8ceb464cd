import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadPack } from "../../prompts/load-pack.ts";
import type { RlOptions } from "./loop/rl-options.ts";
import type { RlSettings } from "./settings.ts";
import { toyPairs } from "./testing/toy-pairs.ts";
import { ToyServer } from "./testing/toy-server.ts";
import { trainRl } from "./train-rl.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "cerm-rl-"));
});
afterEach(() => rm(directory, { recursive: true }));

const pack = await loadPack("compact");
const settings: Partial<RlSettings> = {
  ...{ instances: 8, steps: 25, learningRate: 0.2, miniBatches: 2, maxKl: 5 },
  ...{ maxCriteriaTokens: 4, maxEvaluationTokens: 4, seed: 7 },
};

function optionsOf(server: ToyServer, more: Partial<RlOptions> = {}): RlOptions {
  return {
    ...{ out: directory, server, pack, version: "0", identity: { model: "toy" } },
    ...{ pairs: toyPairs(64, "train"), heldOut: toyPairs(40, "held-out", 2) },
    ...{ evaluateEvery: 25, checkpointEvery: 5, reduction: server.reduction },
    ...more,
    settings: { ...settings, ...more.settings },
  };
}

const linesOf = async (name: string) =>
  (await readFile(join(directory, `${name}.jsonl`), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, number>);

describe("it learns", () => {
  test.each(["ppo", "importance_sampling", "cispo"] as const)("from chance to over 90 %% with %s", async (loss) => {
    const progress = await trainRl(optionsOf(new ToyServer(), { settings: { loss } }));
    const metrics = await linesOf("metrics");
    console.log(
      metrics.map((m) => [
        m.step,
        m.pairAccuracy,
        m["heldOut/accuracy"],
        m["reward/criteria"],
        m["faults/evaluation"],
        m["offPolicy/kl"],
      ]),
    );
    expect(progress.heldOut).toBeGreaterThan(0.9);
  });
});
