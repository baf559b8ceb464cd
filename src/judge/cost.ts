import { noUsage } from "../core/usage.ts";
import type { Cost } from "./judgment.ts";

/** Of what needed no call. */
export const noCost: Cost = { usage: noUsage, milliseconds: 0, fromStore: false };

/** The cost as one of the callers that shared an answer counts it: the first all of it, the others nothing. */
export function costOf(cost: Cost, first: boolean): Cost {
  return first ? cost : { ...noCost, fromStore: cost.fromStore };
}
