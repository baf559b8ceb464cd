import { budget } from "./budget.ts";
import { decontamination } from "./decontamination.ts";
import { difficulty } from "./difficulty.ts";
import { diversity } from "./diversity.ts";
import { domainBalance } from "./domain-balance.ts";
import { exactDuplicates } from "./exact-duplicates.ts";
import { filterStage } from "./filter-stage.ts";
import { filters } from "./filters.ts";
import { labelNoise } from "./label-noise.ts";
import { lengthBalance } from "./length-balance.ts";
import { nearDuplicates } from "./near-duplicates.ts";
import { asStage, type Stage } from "./stage.ts";
import { strength } from "./strength.ts";

/** Every stage that a recipe can name, in an order that makes sense. */
export const stages: readonly Stage[] = [
  ...filters.map((filter) => asStage(filterStage(filter))),
  asStage(strength),
  asStage(exactDuplicates),
  asStage(nearDuplicates),
  asStage(decontamination),
  asStage(labelNoise),
  asStage(difficulty),
  asStage(lengthBalance),
  asStage(domainBalance),
  asStage(diversity),
  asStage(budget),
];
