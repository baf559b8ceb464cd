import { defaultModels, isToy } from "../engines/models/default-models.ts";
import { matchesHubSpec } from "../engines/models/hub-plan.ts";
import { type ModelSpec, parseModelSpec } from "../engines/models/model-spec.ts";
import { matchesPypiSpec } from "../engines/models/pull-pypi.ts";
import type { PulledModel } from "../engines/models/pulled-model.ts";
import type { EngineOptions } from "../engines/open-engine.ts";

/**
 * Whether the embedded engine would have to download its model first, and what to do then; `undefined` where it is here,
 * or where opening it says what is wrong.
 */
export function missingModel(
  options: Pick<EngineOptions, "toy" | "model" | "configuredModel">,
  models: PulledModel[],
): { found: string; advice: string } | undefined {
  const wanted = options.toy ? "toy" : (options.model ?? options.configuredModel ?? "auto");
  if (isHere(parseModelSpec(wanted), models)) return undefined;
  const found =
    models.length === 0
      ? "none pulled yet"
      : `${wanted} is not pulled yet; there are ${models.map(({ name }) => name).join(", ")}`;
  const toy = isHere({ kind: "toy" }, models) ? "--toy, to try things out" : "cerm models pull toy, to try things out";
  return { found, advice: `cerm models pull ${wanted}${wanted === "auto" ? ` (or: ${toy})` : ""}` };
}

function isHere(spec: ModelSpec, models: PulledModel[]): boolean {
  switch (spec.kind) {
    case "auto":
      return models.some((model) => !isToy(model));
    case "toy":
      return models.some((model) => matchesPypiSpec(model.source, defaultModels.toy.spec));
    case "hf":
      return models.some((model) => matchesHubSpec(model.source, spec));
    case "pypi":
      return models.some((model) => matchesPypiSpec(model.source, spec));
    default:
      // A file or a name is never downloaded; opening it says what is wrong with it.
      return true;
  }
}
