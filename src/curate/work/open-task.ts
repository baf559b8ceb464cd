import { openTexts, type SharedTexts } from "../rows/text-file.ts";
import type { AnyTask, RowBatch } from "./task.ts";

/** A task that is ready for its inputs. With `texts`, inputs are batches of rows, which get their texts here. */
export async function openTask(
  task: AnyTask,
  params: unknown,
  texts: SharedTexts | undefined,
): Promise<((input: unknown) => unknown) & Disposable> {
  const work = (await task.open(params)) as (input: unknown) => unknown;
  if (texts === undefined) return Object.assign(work, { [Symbol.dispose]: () => {} });
  const read = openTexts(texts);
  const withTexts = (input: unknown) => {
    const batch = input as RowBatch;
    return batch.n2 === undefined
      ? work({ ...batch, ...read(batch.n) })
      : work({ ...batch, first: read(batch.n), second: read(batch.n2) });
  };
  return Object.assign(withTexts, { [Symbol.dispose]: () => read[Symbol.dispose]() });
}
