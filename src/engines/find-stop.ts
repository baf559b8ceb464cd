/** Index of the earliest stop text in `text` at or after `from`, or -1. Empty stops are ignored. */
export function findStop(text: string, stops: readonly string[], from = 0): number {
  let earliest = -1;
  for (const stop of stops) {
    if (stop === "") continue;
    const index = text.indexOf(stop, from);
    if (index !== -1 && (earliest === -1 || index < earliest)) earliest = index;
  }
  return earliest;
}

/** Length of `text` without a beginning of a stop text at its very end: a limit may fall in the middle of one. */
export function beforePartialStop(text: string, stops: readonly string[]): number {
  let keep = text.length;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > 0; length--) {
      if (text.endsWith(stop.slice(0, length))) {
        keep = Math.min(keep, text.length - length);
        break;
      }
    }
  }
  return keep;
}
