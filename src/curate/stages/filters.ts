import { boilerplate } from "./boilerplate.ts";
import { language } from "./language.ts";
import { lengths } from "./lengths.ts";
import type { RowFilter } from "./row-filter.ts";
import { shape } from "./shape.ts";
import { similarSides } from "./similar-sides.ts";

// biome-ignore lint/suspicious/noExplicitAny: a list of filters with settings of all kinds
export const filters: readonly RowFilter<any>[] = [shape, language, lengths, similarSides, boilerplate];
