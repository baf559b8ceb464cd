import type { Random } from "./random.ts";

/** The elements in random order (Fisher and Yates), as a new array. */
export function shuffle<T>(elements: readonly T[], random: Random): T[] {
  const shuffled = [...elements];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
  }
  return shuffled;
}
