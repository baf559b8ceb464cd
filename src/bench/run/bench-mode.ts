import type { JudgeMode } from "../../judge/judgment.ts";

/** How items are judged: a mode of the judge, or two responses against each other, the baseline of the method's study. */
export const benchModes = ["unified", "per-response", "implicit", "pairwise"] as const satisfies (
  | JudgeMode
  | "pairwise"
)[];

export type BenchMode = (typeof benchModes)[number];
