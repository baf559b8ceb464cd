import type { Readable } from "node:stream";
import { InputError } from "../core/errors.ts";
import { readRows } from "../data/read-rows.ts";
import { shorten } from "../data/shorten.ts";
import type { ItemScores } from "./benchmark.ts";

/** Scores of an item, and the line they are on. */
export interface ScoresLine {
  line: number;
  scores: ItemScores;
}

export interface ReadScoresOptions {
  /** Take a list of one number for the number. Default: refuse it. */
  lists?: boolean;
  /** What `-` reads. Default: the process's standard input. */
  stdin?: Readable;
  signal?: AbortSignal;
}

/**
 * A scores file (JSON Lines of `{"item", "scores": [number or null, ...]}`, gzip or not; `-`: standard input) by item.
 * Throws `InputError` that names the line for anything else, and for an item that is there twice.
 */
export async function readScores(file: string, options: ReadScoresOptions = {}): Promise<Map<string, ScoresLine>> {
  const byItem = new Map<string, ScoresLine>();
  for await (const row of readRows(file, { format: "jsonl", stdin: options.stdin, signal: options.signal })) {
    if (!row.ok) throw row.error;
    const { file: name, line } = row.where;
    const { item, scores } = row.value;
    if (typeof item !== "string")
      throw new InputError(`expected the item's key, got ${shorten(item)}`, { file: name, line, field: "item" });
    const earlier = byItem.get(item);
    if (earlier !== undefined) {
      const message = `the item ${shorten(item, 200)} is also on line ${earlier.line}; keep one`;
      throw new InputError(message, { file: name, line, field: "item" });
    }
    if (!Array.isArray(scores))
      throw new InputError(`expected a list of numbers and null, got ${shorten(scores)}`, {
        file: name,
        line,
        field: "scores",
      });
    const read = scores.map((score: unknown, index) => {
      const value = options.lists && Array.isArray(score) && score.length === 1 ? (score[0] as unknown) : score;
      if (value === null || (typeof value === "number" && Number.isFinite(value))) return value;
      throw new InputError(`expected a number or null, got ${shorten(value)}`, {
        file: name,
        line,
        field: `scores[${index}]`,
      });
    });
    byItem.set(item, { line: line!, scores: read });
  }
  return byItem;
}
