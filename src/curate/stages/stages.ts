import { exactDuplicates } from "./exact-duplicates.ts";
import { filterStage } from "./filter-stage.ts";
import { filters } from "./filters.ts";
import { nearDuplicates } from "./near-duplicates.ts";
import { asStage, type Stage } from "./stage.ts";

/** Every stage that a recipe can name. */
export const stages: readonly Stage[] = [
  ...filters.map((filter) => asStage(filterStage(filter))),
  asStage(exactDuplicates),
  asStage(nearDuplicates),
];
