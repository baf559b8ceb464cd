export type { RlOptions, RlProgress } from "./loop/rl-options.ts";
export type { PolicyServer } from "./policy-server.ts";
export { rlPlots, stepLine } from "./rl-plots.ts";
export { rlRecipe } from "./rl-recipe.ts";
export { policyLosses, type RlSettings, rlSettingsSchema } from "./settings.ts";
export { type TinkerPolicyOptions, tinkerPolicyServer } from "./tinker-policy-server.ts";
export { trainRl } from "./train-rl.ts";
export type { Reduction } from "./update/advantage-scales.ts";
export type { StepMetrics } from "./watch/step-metrics.ts";
