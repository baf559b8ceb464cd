import type { RunSettings } from "../../data/run-sidecar.ts";
import type { JudgeSettings } from "../../judge/judge-options.ts";
import type { BenchMode } from "./bench-mode.ts";
import type { ChosenItems } from "./choose-items.ts";
import type { Control } from "./controls.ts";
import { pairwiseTemplateHash } from "./pairwise-judge.ts";

/** Everything that the results of a run depend on; a run directory of other settings is not continued. */
export function benchRunSettings(options: {
  chosen: readonly ChosenItems[];
  judge: JudgeSettings;
  mode: BenchMode;
  logprobs: boolean;
  limit?: number;
  control?: Control;
}): RunSettings {
  const { chosen, judge, mode, logprobs, limit, control } = options;
  const { engine, pack, score, criteriaSamples, evaluations, temperature, topP, seed, maxTokens } = judge;
  return {
    command: "bench run",
    benchmarks: Object.fromEntries(
      chosen.map(({ benchmark, keys, total, choice, files, load }) => [
        benchmark.name,
        { items: keys.size, total, choice, files, attribute: load.attribute ?? null, minGap: load.minGap ?? null },
      ]),
    ),
    limit: limit ?? null,
    seed,
    mode,
    control: control ?? null,
    model: engine.identity,
    guided: engine.capabilities.forms,
    logprobs,
    pack: pack.identity,
    ...(mode === "pairwise" ? { pairwiseTemplate: pairwiseTemplateHash(pack) } : {}),
    ...{ score, criteriaSamples, evaluations, temperature, topP, maxTokens },
  };
}
