export * from "./core/index.ts";
export type { Engine, EngineCapabilities, GenerateRequest, Generation } from "./engines/engine.ts";
export { type EngineOptions, openEngine } from "./engines/open-engine.ts";
export * from "./judge/index.ts";
