/** An inclusive range of scores and the distance between two neighbouring ones. */
export interface Scale {
  min: number;
  max: number;
  step: number;
}

/** Every score of a scale, ascending: `{min: 0, max: 1, step: 0.5}` gives `[0, 0.5, 1]`. */
export function scaleScores(scale: Scale): number[] {
  const count = Math.round((scale.max - scale.min) / scale.step) + 1;
  return Array.from({ length: count }, (_, index) => scale.min + index * scale.step);
}

/** Whether a number lies on the scale's range (steps are not enforced: a judge that says 7.3 means 7.3). */
export function isWithinScale(value: number, scale: Scale): boolean {
  return Number.isFinite(value) && value >= scale.min && value <= scale.max;
}
