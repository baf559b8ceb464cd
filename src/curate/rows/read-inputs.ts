import { InputError } from "../../core/errors.ts";
import type { Message } from "../../core/message.ts";
import { RowAppender } from "../../data/duckdb/row-appender.ts";
import { readPreferences } from "../../data/read-preferences.ts";
import { lostRows, type RowPlace } from "../../data/row.ts";
import type { Recipe } from "../recipe/recipe.ts";
import type { RowStore } from "./row-store.ts";

/** Faults of an input that are kept word for word; all are counted. */
const keptFaults = 50;

export interface ReadCounts {
  /** Rows of the files, broken ones included. */
  rows: number;
  /** What the rows came to: pairs, and rows or files that gave none. */
  results: number;
  pairs: number;
}

/**
 * Puts the pairs of the recipe's inputs into the store, in order, and counts what gave none. With `onBroken: refuse` throws
 * the first `InputError`, and one where there is no pair at all.
 */
export async function readInputs(
  rows: RowStore,
  recipe: Recipe,
  options: { signal?: AbortSignal; progress: (done: number) => void },
): Promise<ReadCounts> {
  const counts: ReadCounts = { rows: 0, results: 0, pairs: 0 };
  const appender = await RowAppender.open(rows.writer, "rows");
  const unread = await RowAppender.open(rows.writer, "unread");
  await using texts = await rows.writeTexts();
  const several = recipe.inputs.length > 1;
  let firstFault: string | undefined;
  for (const [index, input] of recipe.inputs.entries()) {
    const { path, preset, columns, name, source: named } = input;
    const none = new Map<string, number>();
    const shapes = new Set<string>();
    let [faults, broken] = [0, 0];
    let last: RowPlace | undefined;
    const results = readPreferences(path, {
      preset,
      columns,
      source: named,
      maxRowBytes: recipe.maxRowBytes,
      signal: options.signal,
      onPreset: (_, { name: found }) => found !== "columns" && shapes.add(found),
    });
    for await (const result of results) {
      const { where } = result;
      if (!result.ok) {
        if (recipe.onBroken === "refuse") throw result.error;
        firstFault ??= result.error.message;
        const lost = lostRows(result);
        counts.rows += lost;
        // A fault of a whole file counts as one.
        counts.results += Math.max(1, lost);
        broken += Math.max(1, lost);
        if (faults++ < keptFaults) unread.append([index, "fault", input.name, result.error.message, 1]);
        continue;
      }
      counts.results++;
      if (where !== undefined && (where.row !== last?.row || where.file !== last.file)) counts.rows++;
      last = where;
      if (result.pair === undefined) none.set(result.none, (none.get(result.none) ?? 0) + 1);
      else {
        const { id, messages, chosen, rejected, source, strength, domain } = result.pair;
        const conversation = JSON.stringify(messages);
        await texts.append([conversation, chosen, rejected]);
        appender.append([
          counts.pairs++,
          several ? `${name}/${id}` : id,
          index,
          conversation,
          chosen,
          rejected,
          source,
          strength,
          domain,
          charactersOf(messages),
          chosen.length,
          rejected.length,
          messages.length,
          0,
        ]);
        if (counts.pairs % 1000 === 0) options.progress(counts.pairs);
      }
    }
    for (const shape of [...shapes].sort()) unread.append([index, "preset", name, shape, 0]);
    if (broken > 0) unread.append([index, "broken", name, "cannot be read", broken]);
    for (const [reason, total] of none) unread.append([index, "none", name, reason, total]);
  }
  if (counts.pairs === 0)
    throw new InputError(
      firstFault === undefined
        ? "there is no pair in the inputs: their rows hold none (ties, say)"
        : `there is no pair in the inputs; the first of their faults: ${firstFault}`,
      { file: recipe.file },
    );
  await texts.close();
  appender.close();
  unread.close();
  return counts;
}

function charactersOf(messages: readonly Message[]): number {
  return messages.reduce((sum, { content }) => sum + content.length, 0);
}
