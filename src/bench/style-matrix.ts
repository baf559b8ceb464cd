import type { ItemScores } from "./benchmark.ts";

/** RM-Bench's comparisons of three chosen styles (rows) with three rejected styles (columns). Shares between 0 and 1. */
export interface StyleMatrix {
  matrix: number[][];
  /** Chosen plainer than rejected. */
  hard: number;
  /** Same style. */
  normal: number;
  /** Chosen fancier than rejected. */
  easy: number;
  /** Mean of the nine cells. */
  score: number;
}

/**
 * The matrix over items of six scores: chosen concise, detailed, detailed with markdown, then rejected in the same
 * styles. Equal scores and missing ones earn nothing. `null` of no items.
 */
export function styleMatrix(items: readonly ItemScores[]): StyleMatrix | null {
  if (items.length === 0) return null;
  const wins = [0, 1, 2].map(() => [0, 0, 0]);
  for (const scores of items)
    for (let chosen = 0; chosen < 3; chosen++)
      for (let rejected = 0; rejected < 3; rejected++) {
        const [high, low] = [scores[chosen]!, scores[3 + rejected]!];
        if (high !== null && low !== null && high > low) wins[chosen]![rejected]!++;
      }
  const matrix = wins.map((row) => row.map((count) => count / items.length));
  const third = (...cells: [number, number][]) => cells.reduce((sum, [i, j]) => sum + matrix[i]![j]!, 0) / 3;
  const hard = third([0, 1], [0, 2], [1, 2]);
  const normal = third([0, 0], [1, 1], [2, 2]);
  const easy = third([1, 0], [2, 0], [2, 1]);
  return { matrix, hard, normal, easy, score: (hard + normal + easy) / 3 };
}
