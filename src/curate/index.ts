export { aboutFiles } from "./output/write-about.ts";
export type { WrittenOutputs, WrittenSplit } from "./output/write-outputs.ts";
export { readRecipe } from "./recipe/read-recipe.ts";
export { type Recipe, recipeSchema } from "./recipe/recipe.ts";
export type { CurateReport } from "./report/report.ts";
export { type CurateEvent, type CurateOptions, type CurateResult, curate } from "./run/curate.ts";
export type { StageRecord } from "./run/run-stage.ts";
export type { Drop, Stage, StageContext } from "./stages/stage.ts";
export { stages } from "./stages/stages.ts";
