export { defaultModelFor, defaultModels, isToy, suggestPack } from "./default-models.ts";
export { formatBytes } from "./format-bytes.ts";
export { type GgufInfo, readGgufInfo } from "./gguf-info.ts";
export { describeMachine, type Machine, readMachine } from "./machine.ts";
export type { ChoiceReason, ModelChoice } from "./model-choice.ts";
export { ModelError, type ModelErrorCode } from "./model-error.ts";
export { type AdapterFile, modelIdentity, modelTitle } from "./model-identity.ts";
export { findModel, inspectModels, listModels, type ModelProblem, removeModel, requireModel } from "./model-index.ts";
export {
  type FileSpec,
  formatModelSpec,
  type HubSpec,
  type ModelSpec,
  type PypiSpec,
  parseModelSpec,
  type SourceSpec,
} from "./model-spec.ts";
export { modelsDirectory } from "./models-directory.ts";
export { pullModel } from "./pull-model.ts";
export type { PullOptions, PullProgress } from "./pull-options.ts";
export type { PulledModel } from "./pulled-model.ts";
export { removePartial } from "./remove-partial.ts";
export { type ResolveOptions, resolveModel } from "./resolve-model.ts";
