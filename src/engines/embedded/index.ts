export { type Calibration, type CalibrationTrial, calibrate } from "./calibrate.ts";
export { EmbeddedEngine, type EmbeddedEngineOptions } from "./embedded-engine.ts";
export { type LlamaBackend, openLlamaBackend } from "./llama-backend.ts";
export { calibrateModel, type OpenEmbeddedOptions, openEmbeddedEngine } from "./open-embedded-engine.ts";
