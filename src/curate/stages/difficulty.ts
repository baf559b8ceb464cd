import { z } from "zod";
import { RowAppender } from "../../data/duckdb/row-appender.ts";
import { passRate } from "../judged/compare-sides.ts";
import { judgeRows, samplesSchema } from "../judged/judge-rows.ts";
import type { Stage } from "./stage.ts";

const share = z.number().min(0).max(1);

const settings = z
  .strictObject({
    samples: samplesSchema.default({ criteria: 2, evaluations: 2, temperature: 0.7 }),
    /** Rows that the judge gets right in this share of comparisons or less go: it may be that they cannot be learnt. */
    above: share.default(0),
    /** Rows that it gets right in this share or more go: there is nothing to learn. */
    below: share.default(1),
    /** The share that later stages prefer. */
    prefer: share.default(0.5),
  })
  .refine(({ above, below }) => above < below, "`above` must be smaller than `below`");

/** Rows that the judge, as it is now, always or never gets right: they say nothing to reinforcement learning. */
export const difficulty: Stage<z.infer<typeof settings>> = {
  name: "difficulty",
  summary: "rows that the judge always or never gets right",
  settings,
  async run(context, { samples, above, below, prefer }) {
    const { rows, drop, note } = context;
    const comparisons = await judgeRows(context, samples);
    await rows.writer.run("DELETE FROM preferences");
    const preferences = await RowAppender.open(rows.writer, "preferences");
    let [sum, scored] = [0, 0];
    for (const n of [...comparisons.keys()].sort((a, b) => a - b)) {
      const counts = comparisons.get(n)!;
      const { won, lost, tied, unscored } = counts;
      if (won + lost + tied === 0) {
        drop({ n, reason: "the judge gave no score", detail: `${unscored} comparisons` });
        continue;
      }
      const rate = passRate(counts);
      sum += rate;
      scored++;
      const detail = `right in ${won} of ${won + lost + tied + unscored} comparisons`;
      if (rate <= above) drop({ n, reason: above === 0 ? "never right" : `right in ${above} or less`, detail });
      else if (rate >= below) drop({ n, reason: below === 1 ? "always right" : `right in ${below} or more`, detail });
      else preferences.append([n, 1 - Math.abs(rate - prefer)]);
    }
    preferences.close();
    if (scored > 0) note(`the judge is right in ${((100 * sum) / scored).toFixed(1)} % of comparisons`);
  },
};
