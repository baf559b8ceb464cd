import type { Readable } from "node:stream";
import { InputError } from "../core/errors.ts";
import { shorten } from "../data/shorten.ts";
import { type BenchItemsOptions, benchItems } from "./bench-items.ts";
import type { BenchItem, Benchmark, BenchResult, LabelledItem, ScoredItem } from "./benchmark.ts";
import { readScores } from "./read-scores.ts";

export interface ScoreBenchmarkOptions extends BenchItemsOptions {
  /** File or folder of the benchmark's data. */
  data: string;
  /** The scores file; `-`: standard input. */
  scores: string;
  stdin?: Readable;
}

/**
 * A benchmark's numbers from anyone's scores. Texts are let go of row by row, so memory grows with labels and scores
 * only. Throws `InputError` for data that is not the benchmark's, and for a scores file that misses an item, has an
 * unknown one, one twice, or a wrong count of scores; it names the line.
 */
export async function scoreBenchmark(benchmark: Benchmark, options: ScoreBenchmarkOptions): Promise<BenchResult> {
  const { data, scores: file, stdin, ...itemsOptions } = options;
  const name = file === "-" ? "stdin" : file;
  const byItem = await readScores(file, { lists: benchmark.scoreLists, stdin, signal: options.signal });
  const lines = byItem.size;
  const scored: ScoredItem[] = [];
  const missing: string[] = [];
  for await (const item of benchItems(benchmark, data, itemsOptions)) {
    const found = byItem.get(item.key);
    if (found === undefined) {
      missing.push(item.key);
      continue;
    }
    const { line, scores } = found;
    if (scores.length !== item.responses.length) {
      const message = `expected ${item.responses.length} scores for ${shorten(item.key, 200)} (${benchmark.order}), got ${scores.length}`;
      throw new InputError(message, { file: name, line, field: "scores" });
    }
    byItem.delete(item.key);
    scored.push({ item: withoutTexts(item), scores });
  }
  const [unknown] = byItem;
  if (unknown !== undefined) throw unknownItem(name, unknown, scored[0]?.item.key ?? missing[0], options);
  if (missing.length > 0) {
    const others = missing.length === 1 ? "" : ` and ${missing.length - 1} more of the data's items`;
    const message = `the file ends without the item ${shorten(missing[0], 200)}${others}; give scores for every item, null where there is none`;
    throw new InputError(message, { file: name, line: lines + 1 });
  }
  if (scored.length === 0) throw new InputError("there is no item in it", { file: data });
  return benchmark.score(scored);
}

/** What the arithmetic needs of an item. */
export function withoutTexts(item: BenchItem): LabelledItem {
  const { key, subset, cluster, quality, pairs, label } = item;
  return { key, subset, cluster, quality, pairs, label };
}

function unknownItem(
  file: string,
  [item, { line }]: [string, { line: number }],
  example: string | undefined,
  options: ScoreBenchmarkOptions,
): InputError {
  const where =
    options.limit === undefined ? "in the data" : `in the sample of ${options.limit} with seed ${options.seed ?? 0}`;
  const like = example === undefined ? "" : `; keys look like ${shorten(example, 200)}`;
  return new InputError(`there is no item ${shorten(item, 200)} ${where}${like}`, { file, line, field: "item" });
}
