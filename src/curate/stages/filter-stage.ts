import { filterTask } from "../work/filter-task.ts";
import type { RowFilter } from "./row-filter.ts";
import type { Stage } from "./stage.ts";

/** A row filter as a stage. */
export function filterStage<Settings>(filter: RowFilter<Settings>): Stage<Settings> {
  const { name, summary, settings } = filter;
  return {
    name,
    summary,
    settings,
    async run({ rows, pool, tokens, drop, progress, signal }, chosen) {
      const total = await rows.count();
      let done = 0;
      const params = { filter: name, settings: chosen, tokens };
      const options = { texts: await rows.texts(), signal };
      for await (const result of pool.map(filterTask, params, rows.batches(), options)) {
        for (const one of result.drops) drop(one);
        done += result.rows;
        progress(done, total);
      }
    },
  };
}
