export * from "./embedded/index.ts";
export * from "./engine.ts";
export * from "./models/index.ts";
export * from "./open-engine.ts";
export * from "./openai/index.ts";
export * from "./pool/index.ts";
export * from "./replay/index.ts";
export * from "./tinker/index.ts";
