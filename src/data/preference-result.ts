import type { PreferencePair } from "../core/preference-pair.ts";
import type { BrokenRow, RowPlace } from "./row.ts";

/**
 * What a row of preference data came to: a pair (several results for a row with several pairs), why it holds none
 * (`"tie"`, `"no majority"`), or what is wrong with it. Results come in the order of the rows, and every row that could
 * be found gives at least one.
 */
export type PreferenceResult =
  | { ok: true; pair: PreferencePair; none?: undefined; where: RowPlace }
  | { ok: true; pair?: undefined; none: string; where: RowPlace }
  | BrokenRow;
