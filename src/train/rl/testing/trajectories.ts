import type { Outcome, Side, Trajectory } from "../trajectory.ts";

const empty = { prompt: Int32Array.of(1), tokens: Int32Array.of(2), logprobs: Float32Array.of(0), text: "" };
const unparsable: Outcome = { kind: "unparsable", reason: "no-score", detail: "The answer has no box." };

/** Short forms of trajectories for tests: a score, unparsable, or cut off. */
export type Given = number | "unparsable" | "unfinished";

function outcomeOf(given: Given, whole: Outcome): Pick<Trajectory, "outcome" | "unfinished"> {
  const outcome = typeof given === "number" ? whole : unparsable;
  return { outcome, unfinished: given === "unfinished" };
}

/** A text of criteria; `given` is how many there are, or the fault. */
export function criteriaTrajectory(criteriaSample: number, given: Given = 3, side?: Side): Trajectory {
  const outcome: Outcome = { kind: "criteria", count: Number(given) };
  return { stage: "criteria", side, criteriaSample, sample: 0, ...empty, ...outcomeOf(given, outcome) };
}

/** Evaluations of one side by one criteria sample (undefined: without criteria). */
export function evaluationTrajectories(side: Side, criteriaSample: number | undefined, scores: Given[]): Trajectory[] {
  return scores.map((given, sample) => {
    const outcome: Outcome = { kind: "score", value: Number(given) };
    return { stage: "evaluation", side, criteriaSample, sample, ...empty, ...outcomeOf(given, outcome) };
  });
}
