export type { Accelerator } from "./detect-accelerator.ts";
export { type EnginePaths, enginePaths } from "./engine-paths.ts";
export type { EngineState } from "./engine-state.ts";
export { type EngineStatus, engineStatus } from "./engine-status.ts";
export { installEnvironment, type PythonEnvironment } from "./install-environment.ts";
export { LocalEngineError, type LocalEngineErrorCode } from "./local-engine-error.ts";
export { type StartEngineOptions, startEngine } from "./start-engine.ts";
export { stopEngine } from "./stop-engine.ts";
