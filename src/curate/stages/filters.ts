import { language } from "./language.ts";
import type { RowFilter } from "./row-filter.ts";
import { shape } from "./shape.ts";

// biome-ignore lint/suspicious/noExplicitAny: a list of filters with settings of all kinds
export const filters: readonly RowFilter<any>[] = [shape, language];
