import type { Criterion } from "../core/criteria.ts";
import type { InputError } from "../core/errors.ts";
import type { Query, Response } from "../core/query.ts";
import type { RowPlace } from "./row.ts";

/** What a judge is asked about: a query, its responses, and the user's own criteria where there are any. */
export interface JudgeItem {
  /** Unique among the items read together. */
  id: string;
  query: Query;
  responses: Response[];
  /** A list, or a criteria text to be parsed like a judge's own. */
  criteria?: Criterion[] | string;
}

/** An item, or what is wrong with its row. */
export type ItemResult = { ok: true; item: JudgeItem; where: RowPlace } | { ok: false; error: InputError };
