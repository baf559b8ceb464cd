import { z } from "zod";
import type { Stage } from "./stage.ts";

const settings = z.strictObject({
  /** Smallest strength that stays, from 0 to 1. */
  min: z.number().min(0).max(1),
  /** Rows whose source says nothing about it. */
  unknown: z.enum(["keep", "drop"]).default("keep"),
});

/** Pairs whose source is not sure itself which response is better. */
export const strength: Stage<z.infer<typeof settings>> = {
  name: "strength",
  summary: "pairs whose own source prefers one side too weakly",
  settings,
  async run({ rows, drop }, { min, unknown }) {
    for await (const { n, strength: values } of rows.scan(["strength"]))
      for (const [at, value] of values.entries()) {
        if (value === null ? unknown === "drop" : value < min)
          drop({
            n: n[at]!,
            reason: value === null ? "strength unknown" : "weak preference",
            detail: value?.toFixed(2),
          });
      }
  },
};
